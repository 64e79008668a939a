#include "dns/base/unique_fd.hpp"

#include <unistd.h>

namespace meshdns::base {

void UniqueFd::reset(int fd) noexcept {
  if (fd_ >= 0) {
    ::close(fd_);
  }
  fd_ = fd;
}

}  // namespace meshdns::base
