// process_*: what the kernel knows of this process, from /proc.
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {
namespace {

struct ProcessStat {
  double cpu_seconds = 0;
  double start_seconds = 0;  // since the kernel's start
  double virtual_octets = 0;
  double resident_octets = 0;
};

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// proc(5): fields are counted from the state, which follows the parenthesised name.
ProcessStat read_stat() {
  const std::string text = text_of("/proc/self/stat");
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  std::array<double, 24> numbers{};  // by number in proc(5); [3] is the state
  fields >> skipped;
  for (std::size_t i = 4; i < 25 && fields; ++i) {
    fields >> numbers[i - 1];
  }
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  return {.cpu_seconds = (numbers[13] + numbers[14]) / ticks,
          .start_seconds = numbers[21] / ticks,
          .virtual_octets = numbers[22],
          .resident_octets = numbers[23] * page};
}

double boot_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  double seconds = 0;
  while (file >> word && word != "btime") {
  }
  file >> seconds;
  return seconds;
}

double open_descriptors() {
  std::error_code failed;
  std::filesystem::directory_iterator entries("/proc/self/fd", failed);
  return failed ? 0 : static_cast<double>(std::distance(begin(entries), end(entries)) - 1);  // its own
}

double max_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

}  // namespace

void write_process_metrics(MetricsText& out) {
  const ProcessStat stat = read_stat();
  out.counter("process_cpu_seconds_total", "User and system CPU time.");
  out.sample({}, stat.cpu_seconds);
  out.gauge("process_resident_memory_bytes", "Resident memory.");
  out.sample({}, stat.resident_octets);
  out.gauge("process_virtual_memory_bytes", "Virtual memory.");
  out.sample({}, stat.virtual_octets);
  out.gauge("process_start_time_seconds", "Start of the process, in seconds since the epoch.");
  out.sample({}, boot_time() + stat.start_seconds);
  out.gauge("process_open_fds", "Open file descriptors.");
  out.sample({}, open_descriptors());
  out.gauge("process_max_fds", "Limit of open file descriptors.");
  out.sample({}, max_descriptors());
}

}  // namespace meshdns::admin
