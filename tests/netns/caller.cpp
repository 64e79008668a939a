#include "tests/netns/caller.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/netns/endpoint.hpp"

namespace meshdns::testing {
namespace {

std::string failure() {
  switch (errno) {
    case ECONNREFUSED:
      return "refused";
    case EAGAIN:
    case EINPROGRESS:
    case ETIMEDOUT:
      return "timeout";
    default:
      return fmt::format("error {}", std::strerror(errno));
  }
}

std::string call(const Call& wanted) {
  const Endpoint server(wanted.address, wanted.port);
  const int fd = socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  bool connected = true;
  if (!wanted.source.empty()) {
    const Endpoint source(wanted.source, 0);
    connected = bind(fd, source.address(), source.size()) == 0;
  }
  connected = connected && connect(fd, server.address(), server.size()) == 0;
  std::string heard = connected ? "" : failure();
  std::array<char, 256> buffer{};
  while (connected) {
    const ssize_t length = recv(fd, buffer.data(), buffer.size(), 0);
    if (length < 0) {
      heard = failure();
    }
    if (length <= 0) {
      break;
    }
    heard.append(buffer.data(), static_cast<std::size_t>(length));
  }
  close(fd);
  return heard;
}

std::string receive_text(int channel) {
  std::array<char, 1024> buffer{};
  const ssize_t length = recv(channel, buffer.data(), buffer.size(), 0);
  return {buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

}  // namespace

Caller::Caller(uid_t user, const std::function<bool()>& prepare) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::runtime_error("socketpair failed");
  }
  channel_ = ends[0];
  process_ = std::make_unique<ChildProcess>([&](const ChildProcess::Ready& ready) {
    close(ends[0]);
    if ((prepare && !prepare()) || !become(user)) {
      return;
    }
    ready();
    for (std::string request = receive_text(ends[1]); !request.empty(); request = receive_text(ends[1])) {
      Call wanted;
      std::istringstream(request) >> wanted.address >> wanted.port >> wanted.source;
      const std::string heard = call(wanted) + '\n';
      send(ends[1], heard.data(), heard.size(), MSG_NOSIGNAL);
    }
  });
  close(ends[1]);
}

Caller::~Caller() {
  close(channel_);
}

std::string Caller::hear(const Call& wanted) const {
  const std::string request = fmt::format("{} {} {}", wanted.address, wanted.port, wanted.source);
  send(channel_, request.data(), request.size(), MSG_NOSIGNAL);
  std::string heard = receive_text(channel_);
  if (heard.empty()) {
    throw std::runtime_error("a calling process is gone");
  }
  heard.pop_back();
  return heard;
}

}  // namespace meshdns::testing
