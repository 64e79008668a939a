#include "dns/app/pid_file.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "dns/base/unique_fd.hpp"

namespace meshdns::app {

Result<PidFile> PidFile::write(const std::string& path) {
  const base::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  const std::string text = fmt::format("{}\n", ::getpid());
  if (file.get() < 0 || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return fail(Errc::FileUnreadable, fmt::format("open {}: {}", path, std::strerror(errno)));
  }
  return PidFile(path);
}

PidFile::~PidFile() {
  if (!path_.empty()) {
    ::unlink(path_.c_str());
  }
}

}  // namespace meshdns::app
