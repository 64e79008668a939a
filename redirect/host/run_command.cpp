#include "redirect/host/run_command.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace meshdns::redirect {
namespace {

constexpr int kNotFound = 127;

// Files in memory: no pipe can fill up, whatever the program does first.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("meshdns-redirect", MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int fd() const { return fd_; }

  bool fill(const std::string& text) const {
    return write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
           lseek(fd_, 0, SEEK_SET) == 0;
  }

  std::string contents() const {
    std::string text(static_cast<std::size_t>(std::max<off_t>(lseek(fd_, 0, SEEK_END), 0)), '\0');
    const ssize_t size = pread(fd_, text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }

 private:
  int fd_;
};

}  // namespace

Result<CommandOutput> run_command(const std::vector<std::string>& arguments, const std::string& input) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  const MemoryFile in;
  const MemoryFile out;
  const MemoryFile err;
  if (in.fd() < 0 || out.fd() < 0 || err.fd() < 0 || !in.fill(input)) {
    return fail(Errc::Internal, fmt::format("{} cannot be started: {}", arguments[0], std::strerror(errno)));
  }
  const pid_t child = fork();
  if (child < 0) {
    return fail(Errc::Internal, fmt::format("{} cannot be started: {}", arguments[0], std::strerror(errno)));
  }
  if (child == 0) {
    dup2(in.fd(), STDIN_FILENO);
    dup2(out.fd(), STDOUT_FILENO);
    dup2(err.fd(), STDERR_FILENO);
    setenv("LC_ALL", "C", 1);
    execvp(argv[0], argv.data());
    _exit(kNotFound);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  CommandOutput output{.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                       .out = out.contents(),
                       .err = err.contents()};
  if (output.exit_code == kNotFound && output.err.empty()) {
    return fail(Errc::Unsupported, fmt::format("{} cannot be started", arguments[0]));
  }
  return output;
}

std::string first_line(const CommandOutput& output) {
  const std::string& text = output.err.empty() ? output.out : output.err;
  const std::string line = text.substr(0, text.find('\n'));
  return line.empty() ? fmt::format("exit code {}", output.exit_code) : line;
}

}  // namespace meshdns::redirect
