// HealthProbe: asks our own /health every second. How long that takes tells how busy the process is, which is
// what CoreDNS's metrics of the same name are for.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <meshdns/address.hpp>
#include <meshdns/histogram.hpp>

namespace meshdns::admin {

// In nanoseconds: 0.25 ms * 10^n.
inline constexpr std::array<std::uint64_t, 5> kHealthBounds = {250'000, 2'500'000, 25'000'000, 250'000'000,
                                                               2'500'000'000};

struct HealthStatus {
  Histogram<kHealthBounds> durations;
  std::uint64_t failures = 0;
};

// Lives on the loop of the HTTP server, on whose thread everything is called.
class HealthProbe : public std::enable_shared_from_this<HealthProbe> {
 public:
  static constexpr std::chrono::seconds kInterval{1};
  static constexpr std::chrono::seconds kTimeout{3};

  explicit HealthProbe(boost::asio::io_context& loop) : socket_(loop), timer_(loop) {}

  // Where /health is from now on; none: nowhere, and nothing is asked.
  void use(std::optional<boost::asio::ip::tcp::endpoint> target);

  // None: there is nothing to ask.
  std::optional<HealthStatus> status() const { return target_ ? std::optional(status_) : std::nullopt; }

 private:
  using Clock = std::chrono::steady_clock;

  void wait();
  void ask();
  void read();
  void finish(bool is_good);

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;  // until the next one, or until the one under way has taken too long
  std::optional<boost::asio::ip::tcp::endpoint> target_;
  Clock::time_point began_;
  std::size_t round_ = 0;  // what belongs to an earlier one is over
  std::string received_;
  HealthStatus status_;
};

}  // namespace meshdns::admin
