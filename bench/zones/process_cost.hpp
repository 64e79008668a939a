// What a piece of work costs this process: time and memory.
#pragma once

#include <chrono>
#include <cstddef>

namespace meshdns::zones_bench {

struct Cost {
  double wall_seconds = 0;
  double cpu_seconds = 0;        // user and system, all threads
  std::size_t peak_octets = 0;   // highest resident set size meanwhile (VmHWM)
  std::size_t after_octets = 0;  // resident set size at the end, after giving free memory back
};

class CostMeter {
 public:
  CostMeter();  // starts, also the peak (Linux 4.0, /proc/self/clear_refs)
  Cost stop() const;

 private:
  std::chrono::steady_clock::time_point start_;
  double cpu_start_;
};

}  // namespace meshdns::zones_bench
