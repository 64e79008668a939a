// argv of meshdns-redirect to a Command. Flags are spelled and read as kumactl's.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace meshdns::redirect {

struct InstallOptions {
  std::string user;  // empty: find it out
  bool all_dns_traffic = false;
  std::uint16_t dns_port = 15053;
  bool ipv6 = true;
  std::string resolv_conf = "/etc/resolv.conf";
  bool dry_run = false;
};

struct Command {
  enum class Verb : std::uint8_t { Help, Install, Uninstall, Status };
  Verb verb = Verb::Help;
  InstallOptions install;
};

struct UsageError {
  std::string what;
  bool show_usage = false;  // the flag or command is unknown; otherwise `what` is enough
};

std::string usage();

std::expected<Command, UsageError> parse_command_line(int argc, const char* const* argv);

}  // namespace meshdns::redirect
