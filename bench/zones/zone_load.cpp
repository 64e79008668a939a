// zone_load: what loading a folder of resources costs, the first time and after one of its files has changed.
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <meshdns/zone_file.hpp>

#include "bench/zones/process_cost.hpp"

namespace {

namespace fs = std::filesystem;
using meshdns::Errc;
using meshdns::fail;
using meshdns::Result;
using meshdns::zones_bench::Cost;
using meshdns::zones_bench::CostMeter;

// A file that changed less than 2 s before it was read is read again, whatever its time says.
constexpr std::chrono::seconds kUntilFilesAreOld{3};

Result<fs::path> first_file(const fs::path& folder) {
  std::optional<fs::path> first;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".yaml" && (!first || entry.path() < *first)) {
      first = entry.path();
    }
  }
  if (error || !first) {
    return fail(Errc::FileUnreadable,
                fmt::format("{}: {}", folder.native(), error ? error.message() : "no *.yaml file in it"));
  }
  return *first;
}

Result<void> touch(const fs::path& file) {
  if (utimensat(AT_FDCWD, file.c_str(), nullptr, 0) != 0) {
    return fail(Errc::FileUnreadable,
                fmt::format("{}: {}", file.native(), std::generic_category().message(errno)));
  }
  return {};
}

Result<void> measure(std::string_view what, meshdns::ZoneLoader& loader) {
  const CostMeter meter;
  const auto zone = loader.load();
  const Cost cost = meter.stop();
  if (!zone) {
    return std::unexpected(zone.error());
  }
  const auto names = static_cast<double>(zone->records.size());
  const auto megabytes = [](std::size_t octets) { return static_cast<double>(octets) / 1e6; };
  fmt::print("{:<18} {:>9} {:>8.2f} {:>8.2f} {:>9.1f} {:>9.1f} {:>8.0f} {:>11.0f}\n", what,
             zone->records.size(), cost.wall_seconds, cost.cpu_seconds, megabytes(cost.peak_octets),
             megabytes(cost.after_octets), 1e9 * cost.cpu_seconds / names,
             static_cast<double>(cost.peak_octets) / names);
  if (zone->conflict_count + zone->warnings.size() > 0) {
    fmt::print("  {} conflicts, {} warnings; the first: {}\n", zone->conflict_count, zone->warnings.size(),
               zone->warnings.empty() ? "" : zone->warnings.front());
  }
  return {};
}

Result<void> run(const fs::path& folder) {
  const auto file = first_file(folder);
  if (!file) {
    return std::unexpected(file.error());
  }
  std::this_thread::sleep_for(kUntilFilesAreOld);
  fmt::print("{:<18} {:>9} {:>8} {:>8} {:>9} {:>9} {:>8} {:>11}\n", "load", "names", "wall s", "cpu s",
             "peak MB", "after MB", "ns/name", "octets/name");
  meshdns::ZoneLoader loader({.paths = {folder.native()}});
  auto done = measure("first", loader);
  if (done) {
    done = measure("nothing changed", loader);
  }
  if (done) {
    done = touch(*file);
  }
  return done ? measure("one file changed", loader) : done;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || std::string_view(argv[1]).starts_with('-')) {
    std::cerr << "usage: zone_load FOLDER\n";
    return 2;
  }
  if (const auto done = run(argv[1]); !done) {
    std::cerr << "zone_load: " << done.error().what << '\n';
    return 1;
  }
  return 0;
}
