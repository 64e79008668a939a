// meshdns-redirect: the privileged tool that steers the traffic of this host to the mesh. Runs, and is gone.
//
// Rules and status go to standard output; everything else to standard error, warnings with a leading `#` as
// kumactl prints them. Exit code 0 or 1.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include <meshdns/redirect.hpp>

#include "redirect/app/command_line.hpp"
#include "redirect/app/status_output.hpp"
#include "redirect/app/supervised.hpp"
#include "redirect/app/validate.hpp"
#include "redirect/host/exempt_user.hpp"
#include "redirect/host/files.hpp"
#include "redirect/host/passthrough_address.hpp"
#include "redirect/host/resolv_conf.hpp"
#include "redirect/installation.hpp"

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

meshdns::redirect::InstallSettings settings_of(const Options& options) {
  return {.iptables = {.lock_wait_seconds = options.lock_wait_seconds,
                       .lock_wait_interval_us = options.lock_wait_interval_us,
                       .max_retries = options.max_retries,
                       .sleep_between_retries = options.sleep_between_retries},
          .executables = options.executables,
          .state_folder = options.state_folder,
          .store_firewalld = options.store_firewalld,
          .firewalld_folder = options.firewalld_folder,
          .resolv_conf = options.resolv_conf,
          .dry_run = options.dry_run,
          .verbose = options.verbose};
}

Result<void> install(const Options& options) {
  warn(options.warnings);
  const Result<meshdns::RedirectSpec> spec = spec_for(options);
  if (!spec) {
    return std::unexpected(spec.error());
  }
  const auto settings = settings_of(options);
  const Result<meshdns::redirect::Prepared> prepared = meshdns::redirect::prepare(*spec, settings);
  if (!prepared) {
    return std::unexpected(prepared.error());
  }
  warn(prepared->warnings);
  if (options.dry_run) {
    fmt::print("{}", prepared->text());
    return {};
  }
  const auto installed = meshdns::redirect::install(*prepared, settings);
  if (!installed) {
    return std::unexpected(installed.error());
  }
  warn(*installed);
  return {};
}

Result<void> uninstall(const Command& command) {
  const auto settings = settings_of(command.options);
  if (command.options.dry_run) {
    const Result<std::string> text = meshdns::redirect::uninstall_text(settings, command.also_kumactl);
    if (!text) {
      return std::unexpected(text.error());
    }
    fmt::print("{}", *text);
    return {};
  }
  const auto uninstalled = meshdns::redirect::uninstall(settings, command.also_kumactl);
  if (!uninstalled) {
    return std::unexpected(uninstalled.error());
  }
  warn(*uninstalled);
  return {};
}

Result<void> print_status(const Command& command) {
  const Options& options = command.options;
  const auto look = [&] {
    return meshdns::redirect::read_status(options.state_folder, options.executables,
                                          options.firewalld_folder);
  };
  Result<meshdns::redirect::Status> status = look();
  if (!status) {
    return std::unexpected(status.error());
  }
  std::optional<meshdns::redirect::Probe> probed;
  if (command.probe) {
    auto outcome = meshdns::redirect::probe(*status, look);
    if (!outcome) {
      return std::unexpected(outcome.error());
    }
    probed = *std::move(outcome);
  }
  fmt::print("{}", command.as_json ? status_json(*status, probed) : status_table(*status, probed));
  return {};
}

Result<void> validate(const Command& command) {
  const bool is_root = geteuid() == 0;
  const Result<std::uint32_t> uid =
      is_root ? meshdns::redirect::exempt_uid(command.options.user) : Result<std::uint32_t>(geteuid());
  if (!uid) {
    return std::unexpected(uid.error());
  }
  const bool ipv6 = command.options.spec.ipv6 && meshdns::redirect::has_passthrough_address();
  const Result<void> done = meshdns::redirect::validate(command.validation_port, *uid, ipv6);
  if (done) {
    fmt::print("# inbound {} traffic is redirected\n", ipv6 ? "IPv4 and IPv6" : "IPv4");
  }
  return done;
}

Result<void> run(const Command& command) {
  switch (command.verb) {
    case Command::Verb::Install:
      return install(command.options);
    case Command::Verb::Uninstall:
      return uninstall(command);
    case Command::Verb::Status:
      return print_status(command);
    case Command::Verb::Validate:
      return validate(command);
    case Command::Verb::Help:
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
  const auto work = [&] {
    const Result<void> done = run(*command);
    if (!done) {
      fmt::print(stderr, "Error: {}\n", done.error().what);
    }
    return done ? 0 : 1;
  };
  const bool changes_rules =
      (command->verb == Command::Verb::Install || command->verb == Command::Verb::Uninstall) &&
      !command->options.dry_run;
  return changes_rules ? meshdns::redirect::run_to_the_end(work) : work();
}
