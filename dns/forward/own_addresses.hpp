// OwnAddresses: tells the addresses that this server itself listens on.
#pragma once

#include <span>
#include <vector>

#include <meshdns/address.hpp>

namespace meshdns::forward {

class OwnAddresses {
 public:
  // A wildcard stands for every address that this host has now. `listening` must outlive this.
  explicit OwnAddresses(std::span<const SocketAddress> listening);

  bool contain(const SocketAddress& upstream) const;

 private:
  std::span<const SocketAddress> listening_;
  std::vector<IpAddress> local_;
};

}  // namespace meshdns::forward
