// Configuration: which Corefile the command line means, and what it says.
#pragma once

#include <optional>
#include <string>

#include <meshdns/corefile.hpp>

#include "dns/app/command_line.hpp"

namespace meshdns::app {

class Configuration {
 public:
  explicit Configuration(CommandLine command_line) : command_line_(std::move(command_line)) {}

  // Reads it (again). In this order: -conf, ./Corefile unless there are shorthands, the built-in Corefile;
  // the latter also stands in for a Corefile without server blocks. Blocks of a Corefile that forward and
  // have no `mesh` get the one of $MESHDNS_MESH.
  Result<Corefile> load();

 private:
  Result<Corefile> load_given();
  Result<Corefile> load_builtin() const;

  CommandLine command_line_;
  std::optional<std::string> stdin_text_;  // standard input can be read once only
};

}  // namespace meshdns::app
