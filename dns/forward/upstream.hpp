// Upstream: one server, and how it is reached. Questions to equal upstreams share sockets.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/container/small_vector.hpp>

#include <meshdns/address.hpp>

namespace meshdns::forward {

enum class Protocol : std::uint8_t { Udp, Tcp, Tls };

class TlsContext;   // tls_channel.hpp
class TokenBucket;  // token_bucket.hpp

struct Upstream {
  SocketAddress address;
  bool over_tcp = false;                     // is asked over TCP only; not where `tls` is
  bool trusts_ad = false;                    // its AD bit is passed on
  std::optional<IpAddress> source;           // of our sockets; none: the kernel picks it
  std::uint32_t mark = 0;                    // of the packets of our sockets; 0: none
  std::shared_ptr<const TlsContext> tls;     // null: without TLS
  std::string tls_name;                      // that the certificate must be for; empty: the address
  std::chrono::milliseconds expire{10'000};  // idle connections are not used again after it
  std::chrono::milliseconds max_age{0};      // nor connections of this age; 0: any
  std::size_t max_idle = 0;                  // connections; 0: as many as may be open
  std::shared_ptr<TokenBucket> bucket;       // what messages to it need a token of; null: they need none

  auto operator<=>(const Upstream&) const = default;
};

// Some of the upstreams of a pool, by their places in it, in the order in which they are asked.
using UpstreamOrder = boost::container::small_vector<std::size_t, 4>;

}  // namespace meshdns::forward
