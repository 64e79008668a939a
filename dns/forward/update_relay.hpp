// UpdateRelay: takes UPDATE messages (RFC 2136) to upstreams as they are, id included, so that a TSIG stays
// valid, and the answer back.
//
// The upstreams are tried as they are written: the next one when the one before refuses to listen or was
// silent for its share of the time, none after an answer, whatever it says. What was sent is not given up:
// an answer that comes late is one. Not thread-safe: it lives on its worker's event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "dns/forward/upstream.hpp"

namespace meshdns::forward {

class UpdateRelay {
 public:
  static constexpr std::size_t kMaxInFlight = 64;
  static constexpr std::chrono::milliseconds kTimeLimit{4'000};

  // An empty reply: nobody answered, and `error` says why. Both are valid during the call only.
  using Done = std::move_only_function<void(std::span<const std::uint8_t> reply, std::string_view error)>;

  explicit UpdateRelay(boost::asio::io_context& loop) : loop_(loop) {}
  ~UpdateRelay();  // those in flight are dropped

  // Calls `done` once: later, or at once when the message cannot be sent.
  void relay(std::vector<Upstream> upstreams, Protocol protocol, std::span<const std::uint8_t> message,
             Done done);

  // The same message, octet by octet, is on its way.
  bool has(std::span<const std::uint8_t> message) const;

  std::size_t in_flight() const { return updates_.size(); }

 private:
  struct Update;
  using Place = std::shared_ptr<Update>;

  void try_next(const Place& update);
  void wait(const Place& update, std::chrono::nanoseconds time);
  void give_up(const Place& update, std::size_t index, int error);
  void finish(const Place& update, std::span<const std::uint8_t> reply, std::string_view error);

  boost::asio::io_context& loop_;
  std::vector<Place> updates_;
};

}  // namespace meshdns::forward
