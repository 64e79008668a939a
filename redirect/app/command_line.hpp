// argv of meshdns-redirect to a Command. Flags are spelled and read as kumactl's.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "redirect/options/options.hpp"

namespace meshdns::redirect {

struct Command {
  enum class Verb : std::uint8_t { Help, Install, Uninstall, Status, Validate };
  Verb verb = Verb::Help;
  Options options;
  bool also_kumactl = false;  // uninstall
  bool as_json = false;       // status
  bool probe = false;         // status
  std::uint16_t validation_port = 15006;
};

struct UsageError {
  std::string what;
  bool show_usage = false;  // the flag or command is unknown; otherwise `what` is enough
};

// What a command line depends on besides its words.
struct Surroundings {
  std::function<const char*(const char*)> environment;
  std::function<Result<std::string>(const std::string&)> read_file;  // `-` is standard input
};

std::string usage();

std::expected<Command, UsageError> parse_command_line(std::vector<std::string> arguments,
                                                      const Surroundings& surroundings);

}  // namespace meshdns::redirect
