// meshdns-redirect: the privileged tool that steers the traffic of this host to the mesh. Runs, and is gone.
//
// Rules and status go to standard output; everything else to standard error, warnings with a leading `#` as
// kumactl prints them. Exit code 0 or 1.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <meshdns/redirect.hpp>

#include "redirect/app/command_line.hpp"
#include "redirect/host/exempt_user.hpp"
#include "redirect/host/files.hpp"
#include "redirect/host/resolv_conf.hpp"
#include "redirect/plan/iptables_plan.hpp"
#include "redirect/plan/iptables_text.hpp"
#include "redirect/plan/nft_text.hpp"
#include "redirect/plan/nftables_plan.hpp"

namespace {

using meshdns::Result;
using meshdns::redirect::Command;
using meshdns::redirect::Options;

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    fmt::print(stderr, "# [WARNING] {}\n", warning);
  }
}

Result<meshdns::RedirectSpec> spec_for(const Options& options) {
  const Result<std::uint32_t> uid = meshdns::redirect::exempt_uid(options.user);
  if (!uid) {
    return std::unexpected(uid.error());
  }
  meshdns::RedirectSpec spec = options.spec;
  spec.exempt_uid = *uid;
  if (spec.dns.enabled && !spec.dns.all_traffic) {
    auto resolvers = meshdns::redirect::read_resolv_conf(options.resolv_conf);
    if (!resolvers) {
      return std::unexpected(resolvers.error());
    }
    warn(resolvers->warnings);
    spec.dns.resolvers = std::move(resolvers->addresses);
  }
  return spec;
}

Result<void> install(const Options& options) {
  warn(options.warnings);
  const Result<meshdns::RedirectSpec> spec = spec_for(options);
  if (!spec) {
    return std::unexpected(spec.error());
  }
  const Result<meshdns::redirect::Plan> plan = meshdns::redirect::nftables_plan(*spec);
  if (!plan) {
    return std::unexpected(plan.error());
  }
  warn(plan->warnings);
  if (options.dry_run) {
    fmt::print("{}", meshdns::redirect::nft_install_text(*plan));
    return {};
  }
  return meshdns::install_redirect(*spec);
}

Result<void> print_status() {
  const Result<meshdns::RedirectStatus> status = meshdns::redirect_status();
  if (!status) {
    return std::unexpected(status.error());
  }
  fmt::print("{}", status->installed ? status->rules : "not installed\n");
  return {};
}

Result<void> run(const Command& command) {
  switch (command.verb) {
    case Command::Verb::Install:
      return install(command.options);
    case Command::Verb::Uninstall:
      return meshdns::uninstall_redirect();
    case Command::Verb::Status:
      return print_status();
    default:
      break;
  }
  fmt::print("{}", meshdns::redirect::usage());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto command = meshdns::redirect::parse_command_line(
      {argv + 1, argv + argc},
      {.environment = [](const char* name) -> const char* { return std::getenv(name); },
       .read_file = meshdns::redirect::read_file});
  if (!command) {
    fmt::print(stderr, "Error: {}\n", command.error().what);
    if (command.error().show_usage) {
      fmt::print(stderr, "\n{}", meshdns::redirect::usage());
    }
    return 1;
  }
  if (const Result<void> done = run(*command); !done) {
    fmt::print(stderr, "Error: {}\n", done.error().what);
    return 1;
  }
  return 0;
}
