// run_command(): another program, run to its end.
#pragma once

#include <string>
#include <vector>

#include <meshdns/result.hpp>

namespace meshdns::redirect {

struct CommandOutput {
  int exit_code = -1;  // 128 + signal when it was killed
  std::string out;
  std::string err;
};

// `arguments[0]` is a path or a name to look for in PATH. `input` is its standard input. The program sees the
// locale C. Errors: Unsupported when it cannot be started, Internal.
Result<CommandOutput> run_command(const std::vector<std::string>& arguments, const std::string& input = "");

// What a program said, on one line.
std::string first_line(const CommandOutput& output);

}  // namespace meshdns::redirect
