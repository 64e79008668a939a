#include "bench/load/meter.hpp"

#include <ctime>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace meshdns::load {
namespace {

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

double micros(std::chrono::nanoseconds duration) {
  return seconds(duration) * 1e6;
}

}  // namespace

Meter::Meter(LoadPlan plan, Clock::time_point now) : plan_(std::move(plan)), began_(now) {}

void Meter::tick(Clock::time_point now) {
  if (phase_ == Phase::WarmUp && now >= began_ + plan_.warm_up) {
    phase_ = Phase::Counted;
    counted_from_ = now;
    cpu_ = server_cpu();
  } else if (phase_ == Phase::Counted && now >= counted_from_ + plan_.counted) {
    phase_ = Phase::Drain;
    counted_to_ = now;
    drained_ = now + plan_.timeout;
    cpu_ = server_cpu() - cpu_;
  }
}

std::size_t Meter::allowance(Clock::time_point now) const {
  if (phase_ == Phase::Drain) {
    return 0;
  }
  if (plan_.rate == 0) {
    return std::numeric_limits<std::size_t>::max();
  }
  const auto due = static_cast<std::uint64_t>(plan_.rate * seconds(now - began_));
  return due > all_sent_ ? due - all_sent_ : 0;
}

bool Meter::sent() {
  const bool counts = phase_ == Phase::Counted;
  ++all_sent_;
  sent_ += counts;
  return counts;
}

void Meter::received(bool counts, Clock::duration latency) {
  ++all_received_;
  if (counts) {
    ++received_;
    latency_.add(latency);
  }
}

void Meter::bad(bool counts, std::string_view fault) {
  bad_ += counts;
  if (first_fault_.empty()) {
    first_fault_ = fault;
  }
}

void Meter::lost(bool counts) {
  lost_ += counts;
}

std::chrono::nanoseconds Meter::server_cpu() const {
  // User and system time of all threads of a process, those that have ended included, in nanoseconds: the
  // same figure as utime + stime of /proc/PID/stat without its 10 ms grain.
  std::chrono::nanoseconds total{};
  for (const pid_t pid : plan_.watched) {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &used) == 0) {
      total += std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
    }
  }
  return total;
}

std::string Meter::report() const {
  const double interval = seconds(counted_to_ - counted_from_);
  const double replies = static_cast<double>(received_);
  return fmt::format(
      "sent={} received={} lost={} bad={} stray={} reconnects={} seconds={:.3f} qps={:.0f} p50_us={:.1f} "
      "p99_us={:.1f} p999_us={:.1f} server_cpu_us={:.3f} all_received={}",
      sent_, received_, lost_, bad_, strays_, reconnects_, interval, replies / interval,
      micros(latency_.quantile(0.5)), micros(latency_.quantile(0.99)), micros(latency_.quantile(0.999)),
      received_ == 0 ? 0 : micros(cpu_) / replies, all_received_);
}

}  // namespace meshdns::load
