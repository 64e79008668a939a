// Endpoint: an address and port in the form that socket calls take.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace meshdns::testing {

class Endpoint {
 public:
  Endpoint() = default;
  Endpoint(const std::string& ip, std::uint16_t port) {
    if (inet_pton(AF_INET, ip.c_str(), &v4().sin_addr) == 1) {
      v4().sin_family = AF_INET;
      v4().sin_port = htons(port);
    } else if (inet_pton(AF_INET6, ip.c_str(), &v6().sin6_addr) == 1) {
      v6().sin6_family = AF_INET6;
      v6().sin6_port = htons(port);
    } else {
      throw std::runtime_error("not an address: " + ip);
    }
  }

  // Any address of the family.
  static Endpoint any(int family, std::uint16_t port) { return {family == AF_INET ? "0.0.0.0" : "::", port}; }

  int family() const { return storage_.ss_family; }
  sockaddr* address() { return reinterpret_cast<sockaddr*>(&storage_); }
  const sockaddr* address() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return sizeof storage_; }

  std::string ip() const {
    char text[INET6_ADDRSTRLEN] = "";
    const void* octets =
        family() == AF_INET
            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(storage_).sin_addr)
            : &reinterpret_cast<const sockaddr_in6&>(storage_).sin6_addr;
    inet_ntop(family(), octets, text, sizeof text);
    return text;
  }
  std::uint16_t port() const { return ntohs(reinterpret_cast<const sockaddr_in&>(storage_).sin_port); }

 private:
  sockaddr_in& v4() { return reinterpret_cast<sockaddr_in&>(storage_); }
  sockaddr_in6& v6() { return reinterpret_cast<sockaddr_in6&>(storage_); }

  sockaddr_storage storage_{};
};

}  // namespace meshdns::testing
