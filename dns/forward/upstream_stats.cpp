#include "dns/forward/upstream_stats.hpp"

#include <algorithm>
#include <cerrno>

namespace meshdns::forward {

namespace {

UpstreamFault fault_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return UpstreamFault::Refused;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EPERM:  // a firewall's rule
    case EACCES:
      return UpstreamFault::Unreachable;
    default:
      return UpstreamFault::Broken;
  }
}

// A truncated reply is a step on the way, a wrong one may be anybody's.
bool is_failure(UpstreamFault fault) {
  return fault != UpstreamFault::Truncated && fault != UpstreamFault::Mismatch;
}

}  // namespace

void UpstreamStats::sent(Protocol protocol, bool is_reused) {
  sent_.add();
  (is_reused ? hits_ : misses_)[static_cast<std::size_t>(protocol)].add();
}

void UpstreamStats::replied(std::uint16_t rcode, std::chrono::nanoseconds took) {
  const std::int64_t ns = std::max<std::int64_t>(took.count(), 0);
  replies_[std::min<std::size_t>(rcode, kRcodes - 1)].observe(static_cast<std::uint64_t>(ns));
  const std::int64_t before = rtt_ns_.load(std::memory_order_relaxed);
  const std::int64_t now = before == 0 ? ns : before + (ns - before) / 8;
  rtt_ns_.store(std::max<std::int64_t>(now, 1), std::memory_order_relaxed);
}

void UpstreamStats::failed(UpstreamFault fault) {
  const auto index = static_cast<std::size_t>(fault);
  faults_[index].add();
  if (is_failure(fault)) {
    last_fault_.store(index, std::memory_order_relaxed);
  }
}

void UpstreamStats::failed(int error) {
  failed(fault_of(error));
}

void UpstreamStats::add_to(UpstreamStatus& sum) const {
  sum.sent += sent_.value();
  for (std::size_t rcode = 0; rcode < kRcodes; ++rcode) {
    DurationHistogram durations;
    replies_[rcode].add_to(durations);
    if (durations.total() != 0) {
      sum.replies[static_cast<std::uint16_t>(rcode)] += durations;
    }
  }
  for (std::size_t i = 0; i < faults_.size(); ++i) {
    sum.faults[i] += faults_[i].value();
    if (is_failure(static_cast<UpstreamFault>(i))) {
      sum.failures += faults_[i].value();
    }
  }
  for (std::size_t i = 0; i < hits_.size(); ++i) {
    sum.reuse[i].hits += hits_[i].value();
    sum.reuse[i].misses += misses_[i].value();
  }
  sum.held_back += held_back_.value();
  sum.healthcheck_failures += probes_failed_.value();
  const std::chrono::nanoseconds rtt(rtt_ns_.load(std::memory_order_relaxed));
  sum.rtt = std::max(sum.rtt, std::chrono::ceil<std::chrono::microseconds>(rtt));
  if (const std::size_t last = last_fault_.load(std::memory_order_relaxed); last != kNone) {
    sum.last_error = kUpstreamFaultNames[last];
  }
}

}  // namespace meshdns::forward
