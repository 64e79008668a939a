// UpstreamStats: what one worker counts of an upstream of `forward` or of `alternate`. Its worker writes; any
// thread may read.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <meshdns/traffic_status.hpp>

#include "dns/base/counters.hpp"
#include "dns/base/live_histogram.hpp"
#include "dns/forward/upstream.hpp"

namespace meshdns::forward {

class UpstreamStats {
 public:
  // `is_reused`: over a socket or connection that was open already.
  void sent(Protocol protocol, bool is_reused);
  void replied(std::uint16_t rcode, std::chrono::nanoseconds took);
  void failed(UpstreamFault fault);
  void failed(int error);  // errno
  void held_back() { held_back_.add(); }
  void probe_failed() { probes_failed_.add(); }

  void add_to(UpstreamStatus& sum) const;

 private:
  // Those of the header that servers send; every other one counts as the last.
  static constexpr std::size_t kRcodes = 11;
  static constexpr std::size_t kNone = SIZE_MAX;

  base::Counter sent_;
  std::array<base::LiveDurations, kRcodes> replies_;
  std::array<base::Counter, kUpstreamFaultNames.size()> faults_;
  std::array<base::Counter, 3> hits_;  // by Protocol
  std::array<base::Counter, 3> misses_;
  base::Counter held_back_;
  base::Counter probes_failed_;
  std::atomic<std::int64_t> rtt_ns_ = 0;
  std::atomic<std::size_t> last_fault_ = kNone;
};

}  // namespace meshdns::forward
