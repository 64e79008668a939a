// RecentReplies: what clients were told from upstreams within the last seconds, for those who send the same
// datagram twice: a stub resolver whose answer was lost, or a network that doubles packets.
//
// Bounded in replies and octets, which are set aside with the first reply. The places are found by hash, so
// a reply may have to make room for another one early: then the upstream is asked again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <meshdns/address.hpp>

#include "dns/wire/query_view.hpp"

namespace meshdns::server {

// What makes two datagrams the same question of the same client. Their answer is the same where it must also
// come from the same place and may be as large.
struct RepeatedQuery {
  SocketAddress client;
  const void* block = nullptr;   // that answers it
  std::uint32_t generation = 0;  // of the configuration that the block is part of
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  wire::Edns edns;
  std::size_t limit = 0;                   // octets of the response
  std::span<const std::uint8_t> question;  // the client's octets
};

// Not thread-safe: one per worker. Nothing is allocated but the room, once.
class RecentReplies {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds kMemory{5};  // a stub resolver asks again after it
  static constexpr std::size_t kPlaces = 2048;       // a power of two
  static constexpr std::size_t kRoom = 448U << 10;   // octets, for replies and who asked

  // The response that this client got; empty: none that is still here. Valid until the next keep().
  std::span<const std::uint8_t> find(const RepeatedQuery& query, Time now) const noexcept;

  void keep(const RepeatedQuery& query, std::span<const std::uint8_t> response, Time now);

  bool is_empty() const noexcept { return !places_; }

 private:
  static constexpr std::uint64_t kFirst = 8;  // all begin at multiples of it

  struct Kept;  // in the ring, with the response behind it

  static std::size_t place_of(const RepeatedQuery& query) noexcept;

  // Where in the ring what a place has begins, counted from the first octet ever kept; 0: it has nothing.
  std::unique_ptr<std::uint64_t[]> places_;
  std::unique_ptr<std::uint8_t[]> ring_;
  std::uint64_t begin_ = kFirst;  // what lies before it is gone
  std::uint64_t end_ = kFirst;
};

}  // namespace meshdns::server
