#include "redirect/app/validate.hpp"

#include <cerrno>
#include <cstring>
#include <random>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace meshdns::redirect {
namespace {

constexpr int kTries = 10;
constexpr int kPatienceMs = 1000;

class Socket {
 public:
  explicit Socket(int family, int flags) : fd_(socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)) {}
  ~Socket() { close(fd_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  Address(bool is_v6, const char* text, std::uint16_t port) {
    if (is_v6) {
      auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(port);
      inet_pton(AF_INET6, text, &v6.sin6_addr);
      size = sizeof v6;
    } else {
      auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
      v4.sin_family = AF_INET;
      v4.sin_port = htons(port);
      inet_pton(AF_INET, text, &v4.sin_addr);
      size = sizeof v4;
    }
  }
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

bool waits_for(int fd, short event) {
  pollfd waited{.fd = fd, .events = event, .revents = 0};
  return poll(&waited, 1, kPatienceMs) == 1;
}

Result<void> validate_family(std::uint16_t port, bool is_v6) {
  const char* const here = is_v6 ? "::1" : "127.0.0.1";
  const char* const there = is_v6 ? "::6" : "127.0.0.6";
  const int family = is_v6 ? AF_INET6 : AF_INET;
  const Socket listener(family, 0);
  const int on = 1;
  setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const Address place(is_v6, here, port);
  if (bind(listener.fd(), place.address(), place.size) != 0 || listen(listener.fd(), 1) != 0) {
    return fail(errno == EADDRINUSE ? Errc::AddressInUse : Errc::CannotListen,
                fmt::format("cannot listen on {} port {}: {}", here, port, std::strerror(errno)));
  }
  std::random_device random;
  for (int tries = 0; tries < kTries; ++tries) {
    const auto target_port = static_cast<std::uint16_t>(20'000 + random() % 40'000);
    const Address target(is_v6, there, target_port == port ? target_port + 1 : target_port);
    const Socket caller(family, SOCK_NONBLOCK);
    // From the same address as the listener's: what comes from `there` is what Envoy hands on.
    const Address source(is_v6, here, 0);
    static_cast<void>(bind(caller.fd(), source.address(), source.size));
    static_cast<void>(connect(caller.fd(), target.address(), target.size));
    if (waits_for(listener.fd(), POLLIN)) {
      close(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
      return {};
    }
  }
  return fail(Errc::Internal,
              fmt::format("a connection to {} did not arrive at {} port {}: {} inbound traffic is not "
                          "redirected",
                          there, here, port, is_v6 ? "IPv6" : "IPv4"));
}

}  // namespace

Result<void> validate(std::uint16_t port, std::uint32_t uid, bool ipv6) {
  // The rules look at who opened a socket.
  if (geteuid() == 0 && (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)) {
    return fail(Errc::Internal, fmt::format("cannot become UID {}: {}", uid, std::strerror(errno)));
  }
  if (const Result<void> done = validate_family(port, false); !done) {
    return done;
  }
  return ipv6 ? validate_family(port, true) : Result<void>();
}

}  // namespace meshdns::redirect
