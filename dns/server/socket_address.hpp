// SocketAddress to and from the kernel's form; how a type of socket is called.
#pragma once

#include <algorithm>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include <meshdns/address.hpp>

namespace meshdns::server {

struct KernelAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

inline KernelAddress to_kernel(const SocketAddress& address) {
  KernelAddress kernel;
  if (address.ip.is_v6) {
    auto* in6 = reinterpret_cast<sockaddr_in6*>(&kernel.storage);
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(address.port);
    in6->sin6_scope_id = address.scope;
    std::memcpy(&in6->sin6_addr, address.ip.octets.data(), 16);
    kernel.size = sizeof(sockaddr_in6);
  } else {
    auto* in4 = reinterpret_cast<sockaddr_in*>(&kernel.storage);
    in4->sin_family = AF_INET;
    in4->sin_port = htons(address.port);
    std::memcpy(&in4->sin_addr, address.ip.octets.data(), 4);
    kernel.size = sizeof(sockaddr_in);
  }
  return kernel;
}

inline SocketAddress from_kernel(const sockaddr_storage& storage) {
  SocketAddress address;
  if (storage.ss_family == AF_INET6) {
    const auto* in6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    address.ip.is_v6 = true;
    address.port = ntohs(in6->sin6_port);
    address.scope = in6->sin6_scope_id;
    std::memcpy(address.ip.octets.data(), &in6->sin6_addr, 16);
  } else {
    const auto* in4 = reinterpret_cast<const sockaddr_in*>(&storage);
    address.port = ntohs(in4->sin_port);
    std::memcpy(address.ip.octets.data(), &in4->sin_addr, 4);
  }
  return address;
}

// SOCK_DGRAM or SOCK_STREAM, as messages have it.
inline const char* protocol_of(int socket_type) {
  return socket_type == SOCK_DGRAM ? "udp" : "tcp";
}

}  // namespace meshdns::server
