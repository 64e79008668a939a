#include "dns/app/version.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/utsname.h>

#include "dns/corefile/directives.hpp"

namespace meshdns::app {
namespace {

constexpr std::string_view kCompatibleCoreDnsVersion = "1.14.7";

// Architectures as Go, and therefore CoreDNS, names them.
std::string architecture() {
  utsname host{};
  uname(&host);
  const std::string_view machine = host.machine;
  return machine == "x86_64" ? "amd64" : machine == "aarch64" ? "arm64" : std::string(machine);
}

}  // namespace

std::string version_text() {
  return fmt::format("CoreDNS-{}\nmeshdns {}, linux/{}, C++ compiler {}\n", kCompatibleCoreDnsVersion,
                     MESHDNS_VERSION, architecture(), __VERSION__);
}

ProgramStatus about_program(std::uint64_t log_lines_dropped) {
  return {.version = std::string(kCompatibleCoreDnsVersion),
          .revision = "meshdns-" MESHDNS_VERSION,
          .log_lines_dropped = log_lines_dropped};
}

std::string plugins_text() {
  std::vector<std::string_view> names;
  for (const auto* directive : corefile::all_directives()) {
    names.push_back(directive->name);
  }
  std::ranges::sort(names);
  return fmt::format("{}\n\n", fmt::join(names, "\n"));
}

}  // namespace meshdns::app
