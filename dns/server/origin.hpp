// Origin, Deliver: where a query came from, and where its response goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <meshdns/address.hpp>

namespace meshdns::server {

// Takes the response to a query that was not answered at once, once, later.
using Deliver = std::move_only_function<void(std::span<const std::uint8_t> response)>;

// Lives on the stack of the receiver, while the query is handled.
class Origin {
 public:
  virtual ~Origin() = default;
  virtual Deliver deliver_later()
      const = 0;                             // called at most once, only if the query is not answered at once
  virtual SocketAddress client() const = 0;  // for the query log

  bool is_tcp = false;
  std::size_t udp_ceiling = 0;  // largest datagram that reaches this client whole
  std::optional<std::chrono::steady_clock::time_point> received;  // none: just now
};

}  // namespace meshdns::server
