#include "redirect/host/files.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace meshdns::redirect {

Result<std::string> read_file(const std::string& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  errno = 0;
  std::ifstream file(path);
  text << file.rdbuf();  // swallows what a streambuf throws, for example at a folder; errno stays
  if (!file.is_open() || errno != 0) {
    return fail(Errc::FileUnreadable, fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  return text.str();
}

Result<void> write_file(const std::string& path, const std::string& text, unsigned mode) {
  std::string draft = path + ".XXXXXX";
  const int fd = mkostemp(draft.data(), O_CLOEXEC);
  const bool written = fd >= 0 && write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       fchmod(fd, mode) == 0 && fsync(fd) == 0 &&
                       std::rename(draft.c_str(), path.c_str()) == 0;
  const int problem = errno;
  if (fd >= 0) {
    close(fd);
    if (!written) {
      unlink(draft.c_str());
    }
  }
  if (!written) {
    return fail(problem == EACCES || problem == EPERM ? Errc::NotPermitted : Errc::Internal,
                fmt::format("{}: cannot be written: {}", path, std::strerror(problem)));
  }
  return {};
}

}  // namespace meshdns::redirect
