// ParkedQueries: queries for names of a mesh whose document is not there yet. They wait a little, because an
// application that starts together with its mesh would remember a failure for long.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <meshdns/address.hpp>

#include "dns/server/origin.hpp"

namespace meshdns::server {

struct ParkedQuery {
  std::vector<std::uint8_t> packet;
  SocketAddress listen;  // where it came in, as configured
  SocketAddress client;
  SocketAddress local;
  bool is_tcp = false;
  bool is_v6 = false;
  bool is_whole = false;
  std::size_t udp_ceiling = 0;
  std::chrono::steady_clock::time_point received;
  Progress progress = Progress::Arrived;
  std::uint8_t depth = 0;
  Deliver deliver;
};

// Not thread-safe: one per worker, on its event loop.
class ParkedQueries {
 public:
  static constexpr std::size_t kMaxQueries = 1024;
  static constexpr std::size_t kMaxPacket = 4096;  // octets; a larger query is not worth keeping
  static constexpr std::chrono::milliseconds kPatience{2000};

  using GiveUp = std::function<void(ParkedQuery)>;

  // `give_up` is called with each query that has waited for kPatience.
  ParkedQueries(boost::asio::io_context& loop, GiveUp give_up);

  bool has_room_for(std::size_t packet_size) const;
  void add(ParkedQuery query);
  std::vector<ParkedQuery> take_all();  // in the order in which they came

  // Gives up on all of them, and has no room from now on.
  void close();

  bool is_empty() const { return queries_.empty(); }
  std::size_t size() const { return queries_.size(); }

 private:
  void wait();
  void expire();

  boost::asio::steady_timer timer_;
  GiveUp give_up_;
  std::multimap<std::chrono::steady_clock::time_point, ParkedQuery> queries_;  // by when they came
  bool is_closed_ = false;
};

}  // namespace meshdns::server
