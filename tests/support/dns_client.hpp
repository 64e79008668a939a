// DNS clients for tests: UDP sockets and TCP connections that never wait longer than they are told.
//
// Not thread-safe: one per thread. What cannot fail on a healthy host (making a socket) throws.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include <meshdns/address.hpp>

#include "dns/base/unique_fd.hpp"
#include "tests/support/dns_message.hpp"

namespace meshdns::test {

// Longer than any answer takes, on a machine that stalls for seconds too. It costs nothing when the answer
// comes.
inline constexpr std::chrono::milliseconds kPatience{20'000};

class UdpClient {
 public:
  // Connected: the kernel passes on what comes from `server` only, and tells when nobody listens there.
  explicit UdpClient(const SocketAddress& server, bool connected = true);

  bool send(std::span<const std::uint8_t> datagram);
  std::optional<Octets> receive(
      std::chrono::milliseconds limit = kPatience);  // empty: none in time, or refused
  std::optional<Reply> ask(const QuerySpec& query, std::chrono::milliseconds limit = kPatience);

  bool was_refused() const { return refused_; }                 // nobody listens on the server's port
  const SocketAddress& last_sender() const { return sender_; }  // of the datagram received last

 private:
  SocketAddress server_;
  base::UniqueFd fd_;
  bool connected_;
  bool refused_ = false;
  SocketAddress sender_;
};

class TcpClient {
 public:
  // `receive_buffer` in octets makes a client that the server can outrun early.
  explicit TcpClient(const SocketAddress& server, std::optional<int> receive_buffer = {});

  static Octets framed(std::span<const std::uint8_t> message);  // with its length in front

  bool send(std::span<const std::uint8_t> message) { return send_octets(framed(message)); }
  bool send_octets(std::span<const std::uint8_t> octets, std::chrono::milliseconds limit = kPatience);
  std::optional<Octets> receive(
      std::chrono::milliseconds limit = kPatience);  // empty: none in time, or closed
  std::optional<Reply> ask(const QuerySpec& query, std::chrono::milliseconds limit = kPatience);

  bool ends_within(std::chrono::milliseconds limit);  // the server closes; what it sent before is thrown away
  void half_close();
  void reset();  // closes without the usual farewell

 private:
  bool read_some(std::chrono::steady_clock::time_point deadline);

  base::UniqueFd fd_;
  Octets received_;
  bool ended_ = false;
};

std::optional<Reply> ask_udp(const SocketAddress& server, const QuerySpec& query,
                             std::chrono::milliseconds limit = kPatience);
std::optional<Reply> ask_tcp(const SocketAddress& server, const QuerySpec& query,
                             std::chrono::milliseconds limit = kPatience);

}  // namespace meshdns::test
