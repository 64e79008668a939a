#include "dns/server/datagram_batch.hpp"

#include <cerrno>
#include <cstring>

#include <poll.h>

namespace meshdns::server {
namespace {

constexpr int kSendRetries = 3;
constexpr int kRetryWaitMs = 1;

// What the kernel reported of a datagram's destination, turned into what makes a reply leave from there.
std::size_t reply_control(const msghdr& received, std::uint8_t* out) {
  for (auto* header = CMSG_FIRSTHDR(&received); header != nullptr;
       header = CMSG_NXTHDR(const_cast<msghdr*>(&received), header)) {
    const bool is_v4 = header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO;
    const bool is_v6 = header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO;
    if (!is_v4 && !is_v6) {
      continue;
    }
    auto* reply = reinterpret_cast<cmsghdr*>(out);
    reply->cmsg_level = header->cmsg_level;
    reply->cmsg_type = header->cmsg_type;
    if (is_v4) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(header), sizeof info);
      info.ipi_spec_dst = info.ipi_addr;
      info.ipi_ifindex = 0;  // the way back is the routing table's business
      reply->cmsg_len = CMSG_LEN(sizeof info);
      std::memcpy(CMSG_DATA(reply), &info, sizeof info);
      return CMSG_SPACE(sizeof info);
    }
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(header), sizeof info);
    if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) {
      info.ipi6_ifindex = 0;
    }
    reply->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(reply), &info, sizeof info);
    return CMSG_SPACE(sizeof info);
  }
  return 0;
}

}  // namespace

DatagramBatch::DatagramBatch() : storage_(new Storage) {
  Storage& s = *storage_;
  for (std::size_t i = 0; i < kSize; ++i) {
    s.in_vectors[i] = {&s.in[i * kStride], wire::kMaxUdpQuery};
    s.in_headers[i] = {};
    s.in_headers[i].msg_hdr.msg_name = &s.peers[i];
    s.in_headers[i].msg_hdr.msg_iov = &s.in_vectors[i];
    s.in_headers[i].msg_hdr.msg_iovlen = 1;
    s.in_headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    s.in_headers[i].msg_hdr.msg_control = s.controls[i].data();
    s.in_headers[i].msg_hdr.msg_controllen = DatagramPeer::kControlSize;
    s.out_headers[i] = {};
    s.out_headers[i].msg_hdr.msg_iov = &s.out_vectors[i];
    s.out_headers[i].msg_hdr.msg_iovlen = 1;
  }
}

int DatagramBatch::receive(int fd) {
  Storage& s = *storage_;
  for (std::size_t i = 0; i < received_; ++i) {  // only those were changed by the kernel
    s.in_headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    s.in_headers[i].msg_hdr.msg_controllen = DatagramPeer::kControlSize;
  }
  responses_ = 0;
  out_used_ = 0;
  const int count = ::recvmmsg(fd, s.in_headers.data(), kSize, MSG_DONTWAIT, nullptr);
  received_ = count > 0 ? static_cast<std::size_t>(count) : 0;
  return count;
}

std::span<const std::uint8_t> DatagramBatch::datagram(std::size_t i) const {
  return {&storage_->in[i * kStride], storage_->in_headers[i].msg_len};
}

DatagramPeer DatagramBatch::peer(std::size_t i) const {
  DatagramPeer peer;
  const msghdr& received = storage_->in_headers[i].msg_hdr;
  peer.address_size = received.msg_namelen;
  std::memcpy(&peer.address, &storage_->peers[i], received.msg_namelen);
  if (received.msg_controllen != 0) {
    peer.control_size = reply_control(received, peer.control.data());
  }
  return peer;
}

std::span<std::uint8_t> DatagramBatch::response_space() {
  return std::span(storage_->out).subspan(out_used_, wire::kMaxUdpQuery);
}

void DatagramBatch::respond(std::size_t to, std::size_t size) {
  Storage& s = *storage_;
  msghdr& out = s.out_headers[responses_].msg_hdr;
  msghdr& in = s.in_headers[to].msg_hdr;
  s.out_vectors[responses_] = {&s.out[out_used_], size};
  out.msg_name = in.msg_name;
  out.msg_namelen = in.msg_namelen;
  out.msg_control = nullptr;
  out.msg_controllen = 0;
  if (in.msg_controllen != 0) {
    alignas(cmsghdr) std::array<std::uint8_t, DatagramPeer::kControlSize> control;
    const std::size_t control_size = reply_control(in, control.data());
    std::memcpy(s.controls[to].data(), control.data(), control_size);
    out.msg_control = s.controls[to].data();
    out.msg_controllen = control_size;
  }
  out_used_ += (size + 63) & ~std::size_t{63};
  ++responses_;
}

std::size_t DatagramBatch::send(int fd) {
  std::size_t sent = 0;
  std::size_t dropped = 0;
  int retries = kSendRetries;
  while (sent < responses_) {
    const int count =
        ::sendmmsg(fd, &storage_->out_headers[sent], static_cast<unsigned>(responses_ - sent), MSG_DONTWAIT);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
      retries = kSendRetries;
    } else if (errno == EINTR) {
      continue;
    } else if (retries-- > 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ECONNREFUSED)) {
      // ECONNREFUSED is the echo of an earlier reply whose client is gone; reading it cleared it.
      if (errno != ECONNREFUSED) {
        pollfd writable{fd, POLLOUT, 0};
        ::poll(&writable, 1, kRetryWaitMs);
      }
    } else {
      ++sent;
      ++dropped;
      retries = kSendRetries;
    }
  }
  responses_ = 0;
  out_used_ = 0;
  return dropped;
}

}  // namespace meshdns::server
