#include "dns/forward/socket_mark.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "dns/base/unique_fd.hpp"

namespace meshdns::forward {

bool mark_socket(int fd, std::uint32_t mark) noexcept {
  return mark == 0 || ::setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) == 0;
}

Result<void> check_marks(const ServerOptions& options) {
  for (const BlockOptions& block : options.blocks) {
    for (const ForwardOptions& forward : block.forward) {
      if (forward.mark == 0) {
        continue;
      }
      const base::UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      if (!fd.is_open() || !mark_socket(fd.get(), forward.mark)) {
        const int error = errno;
        return fail(
            error == EPERM ? Errc::NotPermitted : Errc::Internal,
            fmt::format("{}:{}: mark {:#x}: {}, expected the capability CAP_NET_ADMIN", forward.where.file,
                        forward.where.line, forward.mark, std::generic_category().message(error)));
      }
    }
  }
  return {};
}

}  // namespace meshdns::forward
