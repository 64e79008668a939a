#include "dns/forward/retry_schedule.hpp"

#include <algorithm>

namespace meshdns::forward {

RetrySchedule::RetrySchedule(const UpstreamOrder& order, Rules rules) : rules_(rules) {
  order_.reserve(order.size());
  for (const std::size_t upstream : order) {
    order_.push_back({upstream});
  }
}

Ask RetrySchedule::ask(Entry& entry, bool with_edns) {
  ++entry.asked;
  ++asked_;
  return {.upstream = entry.upstream, .with_edns = with_edns};
}

Ask RetrySchedule::first() {
  return ask(order_.front(), true);
}

std::optional<std::chrono::milliseconds> RetrySchedule::patience() const {
  const bool may_go_on =
      may_ask() && std::ranges::any_of(order_, [this](const Entry& entry) { return may_ask(entry); });
  return silences_ < kPatience.size() && may_go_on ? std::optional(kPatience[silences_]) : std::nullopt;
}

std::optional<Ask> RetrySchedule::on_silence() {
  ++silences_;
  Entry* next = nullptr;
  for (Entry& entry : order_) {
    if (may_ask(entry) && (next == nullptr || entry.asked < next->asked)) {
      next = &entry;
    }
  }
  if (next == nullptr || !may_ask()) {
    return std::nullopt;
  }
  return ask(*next, rules_.needs_edns || silences_ < kPlainFrom);
}

void RetrySchedule::skip(Ask ask) {
  --std::ranges::find(order_, ask.upstream, &Entry::upstream)->asked;
  --asked_;
}

std::optional<Ask> RetrySchedule::on_failure(std::size_t upstream) {
  const auto failed = std::ranges::find(order_, upstream, &Entry::upstream);
  if (failed == order_.end() || failed->is_over) {
    return std::nullopt;
  }
  failed->is_over = true;
  const auto fresh =
      std::ranges::find_if(order_, [](const Entry& entry) { return entry.asked == 0 && !entry.is_over; });
  if (fresh == order_.end() || !may_ask()) {
    return std::nullopt;
  }
  return ask(*fresh, true);
}

bool RetrySchedule::is_over() const {
  return std::ranges::all_of(
      order_, [this](const Entry& entry) { return entry.is_over || (entry.asked == 0 && !may_ask()); });
}

}  // namespace meshdns::forward
