#include "redirect/host/state_folder.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "redirect/host/files.hpp"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

namespace meshdns::redirect {
namespace {

// Never used twice between reboots. Before Linux 5.14 there are inode numbers only, which are.
std::string name_of_namespace() {
  std::uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool has_cookie = fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0;
  if (fd >= 0) {
    close(fd);
  }
  if (has_cookie) {
    return fmt::format("net-{}", cookie);
  }
  struct stat found{};
  return stat("/proc/self/ns/net", &found) == 0 ? fmt::format("inode-{}", found.st_ino) : "net";
}

}  // namespace

Result<StateFolder> StateFolder::open(const std::string& path) {
  std::error_code problem;
  std::filesystem::create_directories(path, problem);
  if (problem) {
    return fail(
        problem.value() == EACCES || problem.value() == EPERM ? Errc::NotPermitted : Errc::Internal,
        fmt::format("{}: cannot be made: {}; name another folder with --state-dir", path, problem.message()));
  }
  return StateFolder(fmt::format("{}/{}", path, name_of_namespace()));
}

Result<void> StateFolder::lock() {
  const std::string path = stem_ + ".lock";
  // Programs that we run inherit it: when we are killed, the next run waits for them.
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
  int done = lock_ < 0 ? -1 : flock(lock_, LOCK_EX);
  while (lock_ >= 0 && done < 0 && errno == EINTR) {
    done = flock(lock_, LOCK_EX);
  }
  if (done < 0) {
    return fail(errno == EACCES || errno == EPERM ? Errc::NotPermitted : Errc::Internal,
                fmt::format("{}: cannot be locked: {}; name another folder with --state-dir", path,
                            std::strerror(errno)));
  }
  return {};
}

std::optional<std::string> StateFolder::record() const {
  auto text = read_file(stem_ + ".rules");
  return text ? std::optional(*std::move(text)) : std::nullopt;
}

Result<void> StateFolder::write_record(const std::string& text) const {
  return write_file(stem_ + ".rules", text, 0644);
}

void StateFolder::remove_record() const {
  unlink((stem_ + ".rules").c_str());
}

StateFolder::StateFolder(StateFolder&& other) noexcept
    : stem_(std::move(other.stem_)), lock_(std::exchange(other.lock_, -1)) {}

StateFolder::~StateFolder() {
  if (lock_ >= 0) {
    close(lock_);
  }
}

}  // namespace meshdns::redirect
