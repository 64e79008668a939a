// SourceTallies: what sources (`acl`, `template`...) count. One set of counters per worker, source and server
// address; a worker adds to its own, whoever reads them sums them up.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <meshdns/traffic_status.hpp>

#include "dns/base/counters.hpp"
#include "dns/plugin/tally.hpp"

namespace meshdns::server {

class SourceTallies {
 public:
  SourceTallies(std::string server, std::vector<plugin::Tally> tallies, std::size_t workers);

  // For that worker alone. `tally` is an index, as sources give them.
  void add(std::size_t worker, std::size_t tally) { counts_[worker][tally].add(); }

  bool is_of(const std::string& server, const std::vector<plugin::Tally>& tallies) const {
    return server_ == server && tallies_ == tallies;
  }
  void add_to(std::vector<DirectiveStatus>& sums) const;

 private:
  std::string server_;
  std::vector<plugin::Tally> tallies_;
  std::vector<std::vector<base::Counter>> counts_;
};

// Every SourceTallies that was ever needed: counters do not start again when a configuration is reloaded.
class TallyBook {
 public:
  // `workers` is how many there are until the end.
  void start(std::size_t workers) { workers_ = workers; }

  SourceTallies& of(const std::string& server, const std::vector<plugin::Tally>& tallies);
  std::vector<DirectiveStatus> status() const;  // from any thread

 private:
  std::size_t workers_ = 0;
  mutable std::mutex mutex_;
  std::deque<SourceTallies> all_;
};

}  // namespace meshdns::server
