#include "bench/zones/process_cost.hpp"

#include <fstream>
#include <string>
#include <string_view>

#include <malloc.h>
#include <sys/resource.h>

namespace meshdns::zones_bench {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A line of /proc/self/status as "VmHWM:     1234 kB".
std::size_t status_octets(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key)) {
      return 1024 * std::stoul(line.substr(key.size()));
    }
  }
  return 0;
}

}  // namespace

CostMeter::CostMeter() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
  cpu_start_ = cpu_seconds();
  start_ = std::chrono::steady_clock::now();
}

Cost CostMeter::stop() const {
  Cost cost;
  cost.wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  cost.cpu_seconds = cpu_seconds() - cpu_start_;
  cost.peak_octets = status_octets("VmHWM:");
  malloc_trim(0);
  cost.after_octets = status_octets("VmRSS:");
  return cost;
}

}  // namespace meshdns::zones_bench
