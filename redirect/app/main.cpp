// meshdns-redirect: the privileged tool that steers port 53 of this host to meshdns. Runs, and is gone.
//
// Rules and status go to standard output; everything else to standard error, warnings with a leading `#` as
// kumactl prints them. Exit code 0 or 1.
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <meshdns/redirect.hpp>

#include "redirect/app/command_line.hpp"
#include "redirect/app/exempt_user.hpp"
#include "redirect/nft_text.hpp"
#include "redirect/plan.hpp"
#include "redirect/resolv_conf.hpp"

namespace {

using meshdns::Result;
using meshdns::redirect::Command;
using meshdns::redirect::InstallOptions;

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    fmt::print(stderr, "# warning: {}\n", warning);
  }
}

Result<meshdns::RedirectSpec> spec_for(const InstallOptions& options) {
  const Result<std::uint32_t> uid = meshdns::redirect::exempt_uid(options.user);
  if (!uid) {
    return std::unexpected(uid.error());
  }
  meshdns::RedirectSpec spec{.exempt_uid = *uid,
                             .dns_port = options.dns_port,
                             .all_dns_traffic = options.all_dns_traffic,
                             .resolvers = {},
                             .ipv6 = options.ipv6};
  if (!options.all_dns_traffic) {
    auto resolvers = meshdns::redirect::read_resolv_conf(options.resolv_conf);
    if (!resolvers) {
      return std::unexpected(resolvers.error());
    }
    warn(resolvers->warnings);
    spec.resolvers = std::move(resolvers->addresses);
  }
  return spec;
}

Result<void> install(const InstallOptions& options) {
  const Result<meshdns::RedirectSpec> spec = spec_for(options);
  if (!spec) {
    return std::unexpected(spec.error());
  }
  const Result<meshdns::redirect::Plan> plan = meshdns::redirect::plan(*spec);
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
      return install(command.install);
    case Command::Verb::Uninstall:
      return meshdns::uninstall_redirect();
    case Command::Verb::Status:
      return print_status();
    case Command::Verb::Help:
      break;
  }
  fmt::print("{}", meshdns::redirect::usage());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto command = meshdns::redirect::parse_command_line(argc, argv);
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
