#include "bench/load/tcp_load.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "bench/load/drive.hpp"
#include "bench/load/in_flight.hpp"

namespace meshdns::load {
namespace {

class Connection {
 public:
  Connection(const LoopbackAddress& target, QuerySource& source, Meter& meter, std::size_t capacity)
      : target_(target), meter_(meter), waiting_(source, meter, capacity) {}

  Result<void> open() {
    auto socket = target_.connect(SOCK_STREAM);
    if (!socket) {
      return std::unexpected(socket.error());
    }
    constexpr int kOn = 1;
    setsockopt(socket->get(), IPPROTO_TCP, TCP_NODELAY, &kOn, sizeof kOn);
    socket_ = std::move(*socket);
    unsent_.clear();
    unread_.clear();
    return {};
  }

  pollfd polled() const {
    return {socket_.get(), static_cast<short>(unsent_.empty() ? POLLIN : POLLIN | POLLOUT), 0};
  }
  InFlight& waiting() { return waiting_; }

  std::size_t send(std::size_t allowance, Clock::time_point now) {
    for (; allowance != 0 && !waiting_.is_full(); --allowance) {
      const std::string_view query = waiting_.take(now);
      unsent_.push_back(static_cast<char>(query.size() >> 8));
      unsent_.push_back(static_cast<char>(query.size() & 0xff));
      unsent_ += query;
    }
    if (unsent_.empty()) {
      return 0;
    }
    const ssize_t size = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size <= 0) {
      return 0;
    }
    unsent_.erase(0, static_cast<std::size_t>(size));
    return static_cast<std::size_t>(size);
  }

  Result<std::size_t> receive() {
    std::array<char, 65536> bytes;
    const ssize_t size = recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) {
      return 0;
    }
    if (size <= 0) {
      waiting_.give_up();
      meter_.reconnected();
      if (auto opened = open(); !opened) {
        return std::unexpected(opened.error());
      }
      return 0;
    }
    unread_.append(bytes.data(), static_cast<std::size_t>(size));
    settle_whole_replies();
    return static_cast<std::size_t>(size);
  }

 private:
  void settle_whole_replies() {
    const auto now = Clock::now();
    std::string_view rest = unread_;
    while (rest.size() >= 2) {
      const std::size_t size = static_cast<std::uint8_t>(rest[0]) << 8 | static_cast<std::uint8_t>(rest[1]);
      if (rest.size() < 2 + size) {
        break;
      }
      waiting_.settle(rest.substr(2, size), now);
      rest.remove_prefix(2 + size);
    }
    unread_.erase(0, unread_.size() - rest.size());
  }

  LoopbackAddress target_;
  Meter& meter_;
  InFlight waiting_;
  base::UniqueFd socket_;
  std::string unsent_;
  std::string unread_;
};

}  // namespace

Result<void> run_tcp(const LoopbackAddress& target, std::size_t in_flight, std::size_t connections,
                     QuerySource& source, Meter& meter) {
  std::vector<std::unique_ptr<Connection>> all;
  for (std::size_t i = 0; i < connections; ++i) {
    all.push_back(std::make_unique<Connection>(target, source, meter, in_flight));
    if (auto opened = all.back()->open(); !opened) {
      return opened;
    }
  }

  return drive(all, meter);
}

}  // namespace meshdns::load
