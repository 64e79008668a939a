#include "dns/server/source_tallies.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace meshdns::server {

SourceTallies::SourceTallies(std::string server, std::vector<plugin::Tally> tallies, std::size_t workers)
    : server_(std::move(server)), tallies_(std::move(tallies)) {
  for (std::size_t i = 0; i < workers; ++i) {
    counts_.emplace_back(tallies_.size());
  }
}

// What was never counted has no row.
void SourceTallies::add_to(std::vector<DirectiveStatus>& sums) const {
  for (std::size_t t = 0; t < tallies_.size(); ++t) {
    std::uint64_t count = 0;
    for (const auto& of_worker : counts_) {
      count += of_worker[t].value();
    }
    if (count == 0) {
      continue;
    }
    DirectiveStatus row{.metric = tallies_[t].metric, .labels = tallies_[t].labels};
    if (tallies_[t].by_server) {
      row.labels.emplace_back("server", server_);
    }
    const auto known = std::ranges::find_if(sums, [&](const DirectiveStatus& sum) {
      return sum.metric == row.metric && sum.labels == row.labels;
    });
    (known != sums.end() ? *known : sums.emplace_back(std::move(row))).count += count;
  }
}

SourceTallies& TallyBook::of(const std::string& server, const std::vector<plugin::Tally>& tallies) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(all_, [&](const SourceTallies& each) { return each.is_of(server, tallies); });
  return found != all_.end() ? *found : all_.emplace_back(server, tallies, workers_);
}

std::vector<DirectiveStatus> TallyBook::status() const {
  const std::lock_guard lock(mutex_);
  std::vector<DirectiveStatus> sums;
  for (const SourceTallies& each : all_) {
    each.add_to(sums);
  }
  return sums;
}

}  // namespace meshdns::server
