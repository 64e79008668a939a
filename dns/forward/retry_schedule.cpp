#include "dns/forward/retry_schedule.hpp"

#include <algorithm>

namespace meshdns::forward {

RetrySchedule::RetrySchedule(std::vector<std::size_t> order, bool needs_edns) : needs_edns_(needs_edns) {
  order_.reserve(order.size());
  for (const std::size_t upstream : order) {
    order_.push_back({upstream});
  }
}

RetrySchedule::Entry* RetrySchedule::find(std::size_t upstream) {
  const auto found = std::ranges::find(order_, upstream, &Entry::upstream);
  return found == order_.end() ? nullptr : &*found;
}

Ask RetrySchedule::first() {
  order_.front().asked = 1;
  return {.upstream = order_.front().upstream};
}

void RetrySchedule::also_asked(std::size_t upstream) {
  if (Entry* entry = find(upstream)) {
    ++entry->asked;
  }
}

std::optional<std::chrono::milliseconds> RetrySchedule::patience() const {
  return silences_ < kPatience.size() ? std::optional(kPatience[silences_]) : std::nullopt;
}

std::optional<Ask> RetrySchedule::on_silence() {
  ++silences_;
  Entry* next = nullptr;
  for (Entry& entry : order_) {
    if (!entry.is_over && (next == nullptr || entry.asked < next->asked)) {
      next = &entry;
    }
  }
  if (next == nullptr) {
    return std::nullopt;
  }
  ++next->asked;
  return Ask{.upstream = next->upstream, .with_edns = needs_edns_ || silences_ < kPlainFrom};
}

std::optional<Ask> RetrySchedule::on_failure(std::size_t upstream) {
  Entry* failed = find(upstream);
  if (failed == nullptr || failed->is_over) {
    return std::nullopt;
  }
  failed->is_over = true;
  const auto fresh =
      std::ranges::find_if(order_, [](const Entry& entry) { return entry.asked == 0 && !entry.is_over; });
  if (fresh == order_.end()) {
    return std::nullopt;
  }
  fresh->asked = 1;
  return Ask{.upstream = fresh->upstream};
}

bool RetrySchedule::is_over() const {
  return std::ranges::all_of(order_, &Entry::is_over);
}

}  // namespace meshdns::forward
