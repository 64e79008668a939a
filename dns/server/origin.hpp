// Origin, Deliver: where a query came from, and where its response goes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <meshdns/address.hpp>

#include "dns/wire/response_writer.hpp"

namespace meshdns::server {

// Takes the response to a query that was not answered at once, once, later. An empty one: there is none.
using Deliver = std::move_only_function<void(std::span<const std::uint8_t> response)>;

// How far a query has come.
enum class Progress : std::uint8_t {
  Arrived,
  Observed,  // whoever wants to see its response will
  Wrapped,   // the steps of the block that change queries and responses are under way around it
};

// Lives on the stack of the receiver, while the query is handled.
class Origin {
 public:
  virtual ~Origin() = default;
  virtual Deliver deliver_later()
      const = 0;  // called at most once, only if the query is not answered at once
  virtual SocketAddress client() const = 0;
  virtual SocketAddress local() const = 0;  // what was listened on

  // How many octets the response may have.
  std::size_t limit(const wire::Edns& edns) const {
    return is_whole ? wire::kMaxMessageSize : wire::response_limit(edns, is_tcp, udp_ceiling);
  }

  bool is_tcp = false;
  bool is_v6 = false;
  bool is_whole = false;        // the response is not cut here
  bool sees_all = false;        // no addresses are hidden from it: it is a question of ours
  std::size_t udp_ceiling = 0;  // largest datagram that reaches this client whole
  std::optional<std::chrono::steady_clock::time_point> received;  // none: just now
  Progress progress = Progress::Arrived;
  std::uint8_t depth = 0;  // of queries that we ask ourselves on the way to an answer
};

}  // namespace meshdns::server
