// meshdns: argv to an exit code.
#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "dns/app/check.hpp"
#include "dns/app/command_line.hpp"
#include "dns/app/explain.hpp"
#include "dns/app/serve.hpp"
#include "dns/app/version.hpp"
#include "dns/app/zone_command.hpp"

namespace {

// Else a socket could become descriptor 1 and be written to as if it were the log.
void open_missing_standard_descriptors() {
  for (int fd = open("/dev/null", O_RDWR); fd >= 0; fd = dup(fd)) {
    if (fd > STDERR_FILENO) {
      close(fd);
      return;
    }
  }
}

int run(const meshdns::app::CommandLine& command_line) {
  using meshdns::app::Action;
  switch (command_line.action) {
    case Action::ShowVersion:
      fmt::print("{}", meshdns::app::version_text());
      return 0;
    case Action::ShowPlugins:
      fmt::print("{}", meshdns::app::plugins_text());
      return 0;
    case Action::Check:
      return meshdns::app::check(command_line);
    case Action::Explain:
      return meshdns::app::explain(command_line);
    case Action::Zone:
      return meshdns::app::zone_command(command_line);
    case Action::Serve:
      return meshdns::app::serve(command_line);
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  open_missing_standard_descriptors();
  try {
    const auto command_line =
        meshdns::app::parse_command_line({argv + 1, static_cast<std::size_t>(argc - 1)});
    if (!command_line) {
      std::fputs(command_line.error().text.c_str(), stderr);
      return command_line.error().code;
    }
    return run(*command_line);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "meshdns: %s\n", e.what());
    return 1;
  }
}
