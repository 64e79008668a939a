// ClientShares: who holds how many of a limited number of places, and whether a client may have one more.
//
// One client may fill them all while it is alone; as soon as others come, no more than half of them.
#pragma once

#include <cstddef>
#include <map>

#include <meshdns/address.hpp>

namespace meshdns::forward {

class ClientShares {
 public:
  explicit ClientShares(std::size_t limit) : limit_(limit) {}

  bool is_full() const { return taken_ >= limit_; }
  std::size_t taken() const { return taken_; }

  // Below its share, whether or not there is a place.
  bool may_take(const IpAddress& client) const;

  void take(const IpAddress& client);
  void give_back(const IpAddress& client);

  // The client that has more than its share and has to make room for others; null if there is none.
  const IpAddress* greedy() const { return greedy_; }

 private:
  std::size_t share() const { return limit_ - limit_ / 2; }

  std::size_t limit_;
  std::size_t taken_ = 0;
  std::map<IpAddress, std::size_t> by_client_;
  const IpAddress* greedy_ = nullptr;  // a key; there is room for one above half only
};

}  // namespace meshdns::forward
