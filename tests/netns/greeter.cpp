#include "tests/netns/greeter.hpp"

#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/netns/endpoint.hpp"

namespace meshdns::testing {
namespace {

// Of both families; the kernel's headers for them do not get on with those of sockets.
constexpr int kOriginalDestination = 80;

int listen_at(int family, std::uint16_t port) {
  const Endpoint everywhere = Endpoint::any(family, port);
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (bind(fd, everywhere.address(), everywhere.size()) != 0 || listen(fd, 64) != 0) {
    throw std::runtime_error("cannot listen");
  }
  return fd;
}

// Of a connection that no NAT touched this is where it arrived.
Endpoint original_destination(int fd) {
  Endpoint local;
  socklen_t size = local.size();
  getsockname(fd, local.address(), &size);
  Endpoint original;
  size = original.size();
  const int done = local.family() == AF_INET6
                       ? getsockopt(fd, IPPROTO_IPV6, kOriginalDestination, original.address(), &size)
                       : getsockopt(fd, IPPROTO_IP, kOriginalDestination, original.address(), &size);
  return done == 0 ? original : local;
}

[[noreturn]] void greet_for_ever(const Greeter::Options& options, std::array<pollfd, 2> listeners) {
  while (true) {
    poll(listeners.data(), listeners.size(), -1);
    for (const pollfd& listener : listeners) {
      if (listener.revents == 0) {
        continue;
      }
      const int fd = accept(listener.fd, nullptr, nullptr);
      if (fd >= 0) {
        const Endpoint wanted = original_destination(fd);
        const std::string text = fmt::format("{} {} {}", options.name, wanted.ip(), wanted.port());
        send(fd, text.data(), text.size(), MSG_NOSIGNAL);
        close(fd);
      }
    }
  }
}

}  // namespace

Greeter::Greeter(const Options& options)
    : process_([&](const ChildProcess::Ready& ready) {
        if (!options.prepare || options.prepare()) {
          const std::array<pollfd, 2> listeners = {
              pollfd{.fd = listen_at(AF_INET, options.port), .events = POLLIN, .revents = 0},
              pollfd{.fd = listen_at(AF_INET6, options.port), .events = POLLIN, .revents = 0}};
          ready();
          greet_for_ever(options, listeners);
        }
      }) {}

}  // namespace meshdns::testing
