#include "redirect/app/supervised.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include <sys/wait.h>
#include <unistd.h>

namespace meshdns::redirect {
namespace {

void ignore_requests_to_end() {
  for (const int signal : std::array{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
    std::signal(signal, SIG_IGN);
  }
}

}  // namespace

int run_to_the_end(const std::function<int()>& work) {
  std::fflush(nullptr);
  const pid_t worker = fork();
  if (worker == 0) {
    setsid();
    ignore_requests_to_end();
    const int code = work();
    std::fflush(nullptr);
    _exit(code);
  }
  int status = 0;
  while (worker > 0 && waitpid(worker, &status, 0) < 0 && errno == EINTR) {
  }
  return worker > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : work();
}

}  // namespace meshdns::redirect
