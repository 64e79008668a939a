#include "tests/loopback/meshdns_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace meshdns::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Pipe {
  base::UniqueFd read;
  base::UniqueFd write;

  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe2");
    }
    read.reset(ends[0]);
    write.reset(ends[1]);
  }
};

// In the child: descriptors 3, 4, ... become copies of these.
void pass(const std::vector<int>& sockets) {
  constexpr int kOutOfTheWay = 100;
  std::vector<int> copies;
  for (const int socket : sockets) {
    copies.push_back(::fcntl(socket, F_DUPFD_CLOEXEC, kOutOfTheWay));
  }
  int target = STDERR_FILENO + 1;
  for (const int copy : copies) {
    ::dup2(copy, target++);
  }
}

// False at the end of the stream, or when nothing comes before `deadline`.
bool read_some(int fd, std::string& text, Clock::time_point deadline) {
  const auto left = std::max(std::chrono::ceil<milliseconds>(deadline - Clock::now()), milliseconds(0));
  pollfd waiting{fd, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
    return false;
  }
  std::array<char, 4096> part;
  const ssize_t size = ::read(fd, part.data(), part.size());
  text.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return size > 0;
}

}  // namespace

MeshdnsProcess::MeshdnsProcess(const std::string& folder, const std::vector<std::string>& arguments,
                               const Manner& manner) {
  Pipe out;
  Pipe err;
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), MESHDNS_BINARY);
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  std::vector<std::string> environment = manner.environment;
  if (!manner.sockets.empty()) {
    environment.push_back("LISTEN_FDS=" + std::to_string(manner.sockets.size()));
    environment.push_back("LISTEN_PID=..........");  // known in the child
  }
  std::vector<char*> envp;
  for (std::string& variable : environment) {
    envp.push_back(variable.data());
  }
  for (char** variable = environ; *variable != nullptr; ++variable) {
    envp.push_back(*variable);
  }
  envp.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    if (manner.as_kuma_dp) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    }
    ::dup2(out.write.get(), STDOUT_FILENO);
    ::dup2(err.write.get(), STDERR_FILENO);
    if (!manner.sockets.empty()) {
      pass(manner.sockets);
      std::string& listen_pid = environment.back();
      std::snprintf(&listen_pid[listen_pid.find('.')], 11, "%d", ::getpid());
    }
    if (::chdir(folder.c_str()) == 0) {
      ::execve(argv[0], argv.data(), envp.data());
    }
    ::_exit(127);
  }
  stdout_ = std::move(out.read);
  stderr_ = std::move(err.read);
}

MeshdnsProcess::~MeshdnsProcess() {
  if (!exit_code_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void MeshdnsProcess::signal(int number) const {
  ::kill(pid_, number);
}

std::optional<int> MeshdnsProcess::exit_code(milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  // The end of its output is the event; after it the process is gone at once.
  while (read_some(stdout_.get(), output_, deadline)) {
  }
  while (!exit_code_ && Clock::now() < deadline) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    } else {
      std::this_thread::sleep_for(milliseconds(1));
    }
  }
  return exit_code_;
}

bool MeshdnsProcess::prints(std::string_view text, milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!output_.contains(text)) {
    if (!read_some(stdout_.get(), output_, deadline)) {
      return false;
    }
  }
  return true;
}

const std::string& MeshdnsProcess::errors() {
  while (read_some(stderr_.get(), errors_, Clock::now() + kPatience)) {
  }
  return errors_;
}

}  // namespace meshdns::test
