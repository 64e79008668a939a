#include "dns/forward/own_addresses.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include <ifaddrs.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace meshdns::forward {

namespace {

std::vector<IpAddress> local_addresses() {
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) {
    return {};
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
  std::vector<IpAddress> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    IpAddress ip;
    if (entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == AF_INET) {
      std::memcpy(ip.octets.data(), &reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr, 4);
    } else if (entry->ifa_addr != nullptr && entry->ifa_addr->sa_family == AF_INET6) {
      ip.is_v6 = true;
      std::memcpy(ip.octets.data(), &reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr, 16);
    } else {
      continue;
    }
    addresses.push_back(ip);
  }
  return addresses;
}

}  // namespace

OwnAddresses::OwnAddresses(std::span<const SocketAddress> listening)
    : listening_(listening), local_(local_addresses()) {}

bool OwnAddresses::contain(const SocketAddress& upstream) const {
  return std::ranges::any_of(listening_, [&](const SocketAddress& own) {
    if (own.port != upstream.port || own.ip.is_v6 != upstream.ip.is_v6) {
      return false;
    }
    // Linux takes a packet to the unspecified address as one to loopback.
    const bool loopback = upstream.ip.is_loopback() || upstream.ip.is_unspecified();
    if (own.ip.is_unspecified()) {
      return loopback || std::ranges::find(local_, upstream.ip) != local_.end();
    }
    if (upstream.ip.is_unspecified()) {
      return own.ip.is_loopback();
    }
    return own.ip == upstream.ip && (own.scope == upstream.scope || own.scope == 0 || upstream.scope == 0);
  });
}

}  // namespace meshdns::forward
