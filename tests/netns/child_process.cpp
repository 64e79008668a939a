#include "tests/netns/child_process.hpp"

#include <array>
#include <csignal>
#include <stdexcept>

#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace meshdns::testing {

bool become(uid_t user) {
  const bool changed =
      setgroups(0, nullptr) == 0 && setresgid(user, user, user) == 0 && setresuid(user, user, user) == 0;
  // A change of user clears it.
  return changed && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
}

ChildProcess::ChildProcess(const std::function<void(const Ready& ready)>& body) {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) {
    throw std::runtime_error("pipe failed");
  }
  pid_ = fork();
  if (pid_ < 0) {
    throw std::runtime_error("fork failed");
  }
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(pipe_ends[0]);
    try {
      body([&] {
        if (write(pipe_ends[1], "r", 1) != 1) {
          _exit(1);
        }
      });
    } catch (const std::exception&) {
      _exit(1);
    }
    _exit(0);
  }
  close(pipe_ends[1]);
  char letter = 0;
  const bool is_ready = read(pipe_ends[0], &letter, 1) == 1;
  close(pipe_ends[0]);
  if (!is_ready) {
    waitpid(pid_, nullptr, 0);
    throw std::runtime_error("a child process ended before it was ready");
  }
}

ChildProcess::~ChildProcess() {
  if (is_running()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

bool ChildProcess::is_running() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) != 0) {
    pid_ = -1;
  }
  return pid_ > 0;
}

}  // namespace meshdns::testing
