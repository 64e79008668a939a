// Counters: one set per worker. Only its worker adds; anybody may read. No locked instruction, no shared
// cache line.
#pragma once

#include <atomic>
#include <cstdint>

#include <meshdns/status.hpp>

namespace meshdns::base {

class Counter {
 public:
  void add(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// What there is now, instead of what has happened.
class Gauge {
 public:
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

struct alignas(64) Counters {
#define MESHDNS_COUNTER(name, help) Counter name;
#include <meshdns/counters.def>
#undef MESHDNS_COUNTER

  void add_to(CounterValues& sum) const {
#define MESHDNS_COUNTER(name, help) sum.name += name.value();
#include <meshdns/counters.def>
#undef MESHDNS_COUNTER
  }
};

}  // namespace meshdns::base
