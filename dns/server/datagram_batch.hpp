// DatagramBatch: the buffers of one recvmmsg/sendmmsg round. One per worker, made once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <netinet/in.h>
#include <sys/socket.h>

#include "dns/wire/message.hpp"

namespace meshdns::server {

// Who sent a datagram, and, on a wildcard socket, the control message that makes the response leave from the
// address it was sent to.
struct DatagramPeer {
  static constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(in6_pktinfo));

  sockaddr_in6 address;  // or a sockaddr_in
  socklen_t address_size = 0;
  alignas(cmsghdr) std::array<std::uint8_t, kControlSize> control;
  std::size_t control_size = 0;
};

class DatagramBatch {
 public:
  static constexpr std::size_t kSize = 64;

  DatagramBatch();

  // Waits for nothing. Returns the number of datagrams, or -1 with errno.
  int receive(int fd);

  std::span<const std::uint8_t> datagram(std::size_t i) const;
  DatagramPeer peer(std::size_t i) const;  // a copy, for a response that comes later
  const sockaddr_storage& peer_address(std::size_t i) const { return storage_->peers[i]; }

  // Where the next response is written: at least wire::kMaxUdpQuery octets.
  std::span<std::uint8_t> response_space();
  void respond(std::size_t to,
               std::size_t size);  // the response just written goes to the sender of datagram `to`

  // Sends the responses so far. A message that cannot be sent is retried a few times, then dropped; returns
  // how many were dropped.
  std::size_t send(int fd);

 private:
  // Apart by a page and a line, so that the first octets of all buffers do not compete for the same cache
  // set.
  static constexpr std::size_t kStride = wire::kMaxUdpQuery + 64;

  struct Storage {
    std::array<mmsghdr, kSize> in_headers;
    std::array<iovec, kSize> in_vectors;
    std::array<sockaddr_storage, kSize> peers;
    alignas(cmsghdr) std::array<std::array<std::uint8_t, DatagramPeer::kControlSize>, kSize> controls;
    std::array<mmsghdr, kSize> out_headers;
    std::array<iovec, kSize> out_vectors;
    std::array<std::uint8_t, kSize * kStride> in;
    std::array<std::uint8_t, kSize * kStride> out;
  };

  std::unique_ptr<Storage> storage_;
  std::size_t received_ = 0;
  std::size_t responses_ = 0;
  std::size_t out_used_ = 0;
};

}  // namespace meshdns::server
