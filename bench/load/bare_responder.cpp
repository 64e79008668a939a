// bare_responder: the floor that DNS servers are measured against. One thread, one socket, recvmmsg and
// sendmmsg of up to 64 datagrams; each query is turned round with one fixed A or AAAA record, whatever its
// name. It also plays the upstream of forwarding servers.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <sys/socket.h>

#include "bench/load/loopback_address.hpp"

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kBatch = 64;
constexpr std::size_t kBufferSize = 1536;
constexpr std::size_t kHeaderSize = 12;

constexpr auto kA = "\xc0\x0c\0\x01\0\x01\0\0\0\x1e\0\x04\xf0\0\0\x01"sv;
constexpr auto kAaaa = "\xc0\x0c\0\x1c\0\x01\0\0\0\x1e\0\x10\xfd\0\xfd\0\0\0\0\0\0\0\0\0\0\0\0\x01"sv;
constexpr auto kOpt = "\0\0\x29\x04\xd0\0\0\0\0\0\0"sv;
constexpr std::size_t kLargestTail = kAaaa.size() + kOpt.size();

using Buffer = std::array<char, kBufferSize + kLargestTail>;

/// Offset of the octet after the question; 0 if there is none.
std::size_t find_question_end(const Buffer& message, std::size_t size) {
  std::size_t at = kHeaderSize;
  while (at < size && message[at] != 0) {
    at += 1 + static_cast<std::uint8_t>(message[at]);
  }
  at += 5;
  return at <= size ? at : 0;
}

/// Makes the reply in place and returns its size; 0 for what is not a query.
std::size_t turn_round(Buffer& message, std::size_t size) {
  const std::size_t end = find_question_end(message, size);
  if (end == 0 || (message[2] & 0x80) != 0) {
    return 0;
  }
  const bool has_edns = message[11] != 0;
  message[2] = static_cast<char>(0x84 | (message[2] & 0x01));
  message[3] = static_cast<char>(0x80);
  message[7] = 1;
  const std::string_view record = message[end - 3] == 28 ? kAaaa : kA;
  std::memcpy(&message[end], record.data(), record.size());
  if (!has_edns) {
    return end + record.size();
  }
  std::memcpy(&message[end + record.size()], kOpt.data(), kOpt.size());
  return end + record.size() + kOpt.size();
}

int serve(int socket) {
  static std::array<Buffer, kBatch> messages;
  static std::array<sockaddr_storage, kBatch> senders;
  std::array<iovec, kBatch> parts{};
  std::array<mmsghdr, kBatch> queries{};
  std::array<mmsghdr, kBatch> replies{};
  while (true) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts[i] = {messages[i].data(), kBufferSize};
      queries[i].msg_hdr = {.msg_name = &senders[i],
                            .msg_namelen = sizeof senders[i],
                            .msg_iov = &parts[i],
                            .msg_iovlen = 1,
                            .msg_control = nullptr,
                            .msg_controllen = 0,
                            .msg_flags = 0};
    }
    const int received = recvmmsg(socket, queries.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (received < 0) {
      if (errno == EINTR || errno == ECONNREFUSED) {
        continue;
      }
      return errno;
    }
    unsigned count = 0;
    for (int i = 0; i < received; ++i) {
      parts[i].iov_len = turn_round(messages[i], queries[i].msg_len);
      if (parts[i].iov_len != 0) {
        replies[count++].msg_hdr = queries[i].msg_hdr;
      }
    }
    if (count != 0) {
      sendmmsg(socket, replies.data(), count, 0);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || argv[1] != "--listen"sv) {
    fmt::print(stderr, "usage: bare_responder --listen 127.x.x.x:PORT|[::1]:PORT\n");
    return 1;
  }
  const auto address = meshdns::load::LoopbackAddress::parse(argv[2]);
  if (!address) {
    fmt::print(stderr, "bare_responder: {}\n", address.error().what);
    return 1;
  }
  const meshdns::base::UniqueFd socket(::socket(address->family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open() || bind(socket.get(), address->data(), address->size()) != 0) {
    fmt::print(stderr, "bare_responder: cannot listen on {}: {}\n", argv[2], std::strerror(errno));
    return 1;
  }
  fmt::print(stderr, "bare_responder: {}\n", std::strerror(serve(socket.get())));
  return 1;
}
