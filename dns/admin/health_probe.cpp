#include "dns/admin/health_probe.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace meshdns::admin {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kRequest = "GET /health HTTP/1.0\r\n\r\n";
constexpr std::string_view kGood = " 200 ";
constexpr std::size_t kMaxAnswer = 1024;

}  // namespace

void HealthProbe::use(std::optional<asio::ip::tcp::endpoint> target) {
  if (target == target_) {
    return;
  }
  target_ = std::move(target);
  ++round_;
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  if (target_) {
    wait();
  }
}

void HealthProbe::wait() {
  timer_.expires_after(kInterval);
  timer_.async_wait([self = shared_from_this(), round = round_](const boost::system::error_code& cancelled) {
    if (!cancelled && round == self->round_) {
      self->ask();
    }
  });
}

void HealthProbe::ask() {
  began_ = Clock::now();
  received_.clear();
  timer_.expires_after(kTimeout);
  timer_.async_wait([self = shared_from_this(), round = round_](const boost::system::error_code& cancelled) {
    if (!cancelled && round == self->round_) {
      self->finish(false);
    }
  });
  socket_.async_connect(
      *target_, [self = shared_from_this(), round = round_](const boost::system::error_code& failed) {
        if (round != self->round_) {
          return;
        }
        if (failed) {
          self->finish(false);
          return;
        }
        asio::async_write(self->socket_, asio::buffer(kRequest),
                          [self, round](const boost::system::error_code& broken, std::size_t) {
                            if (round == self->round_) {
                              broken ? self->finish(false) : self->read();
                            }
                          });
      });
}

// Until the server closes, as it does with HTTP/1.0.
void HealthProbe::read() {
  asio::async_read(
      socket_, asio::dynamic_buffer(received_, kMaxAnswer),
      [self = shared_from_this(), round = round_](const boost::system::error_code&, std::size_t) {
        if (round == self->round_) {
          const std::string_view line(self->received_.data(),
                                      std::min(self->received_.find('\r'), self->received_.size()));
          self->finish(line.contains(kGood));
        }
      });
}

void HealthProbe::finish(bool is_good) {
  ++round_;
  const auto took = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - began_).count());
  const auto bound = std::ranges::lower_bound(kHealthBounds, took);
  ++status_.durations.counts[static_cast<std::size_t>(bound - kHealthBounds.begin())];
  status_.durations.sum += took;
  status_.failures += is_good ? 0 : 1;
  boost::system::error_code ignored;
  socket_.close(ignored);
  wait();
}

}  // namespace meshdns::admin
