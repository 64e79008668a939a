// The generators against a server that is known to be wrong now and then: every fault must be in the books.
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "bench/load/fresh_load.hpp"
#include "bench/load/tcp_load.hpp"
#include "bench/load/udp_load.hpp"

namespace meshdns::load {
namespace {

/// Returns the address, as LoopbackAddress reads it.
std::string bind_to_any_port(const base::UniqueFd& socket) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
}

/// Answers over one UDP socket and one TCP connection; of ten queries each, ignores one and answers one
/// SERVFAIL.
class CarelessServer {
 public:
  CarelessServer() {
    target_ = bind_to_any_port(listener_);
    EXPECT_EQ(bind(udp_.get(), target().data(), target().size()), 0);
    EXPECT_EQ(listen(listener_.get(), 1), 0);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }

  LoopbackAddress target() const { return *LoopbackAddress::parse(target_); }

 private:
  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::array<pollfd, 3> polled{
          pollfd{udp_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}, {connection_.get(), POLLIN, 0}};
      poll(polled.data(), polled.size(), 10);
      if (polled[0].revents != 0) {
        answer_datagram();
      }
      if (polled[2].revents != 0) {
        answer_stream();
      }
      if (polled[1].revents != 0) {
        connection_.reset(accept(listener_.get(), nullptr, nullptr));
        unread_.clear();
      }
    }
  }

  void answer_datagram() {
    sockaddr_storage sender{};
    socklen_t sender_size = sizeof sender;
    std::array<char, 512> query;
    const auto size = recvfrom(udp_.get(), query.data(), query.size(), 0,
                               reinterpret_cast<sockaddr*>(&sender), &sender_size);
    if (size > 0 && turn_round(query.data())) {
      sendto(udp_.get(), query.data(), static_cast<std::size_t>(size), 0,
             reinterpret_cast<sockaddr*>(&sender), sender_size);
    }
  }

  void answer_stream() {
    std::array<char, 512> bytes;
    const auto size = recv(connection_.get(), bytes.data(), bytes.size(), 0);
    if (size <= 0) {
      connection_.reset();
      return;
    }
    unread_.append(bytes.data(), static_cast<std::size_t>(size));
    while (unread_.size() > 2 && unread_.size() >= 2U + static_cast<std::uint8_t>(unread_[1])) {
      std::string message = unread_.substr(0, 2U + static_cast<std::uint8_t>(unread_[1]));
      unread_.erase(0, message.size());
      if (turn_round(message.data() + 2)) {
        send(connection_.get(), message.data(), message.size(), MSG_NOSIGNAL);
      }
    }
  }

  bool turn_round(char* message) {
    ++count_;
    message[2] = static_cast<char>(0x81);
    message[3] = static_cast<char>(count_ % 10 == 5 ? 2 : 0);
    message[7] = 1;
    return count_ % 10 != 0;
  }

  base::UniqueFd udp_{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  base::UniqueFd listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  base::UniqueFd connection_;
  std::string unread_;
  std::string target_;
  unsigned count_ = 0;
  std::jthread thread_;
};

class Generator : public testing::Test {
 protected:
  static LoadPlan plan() {
    LoadPlan plan;
    plan.warm_up = {};
    plan.counted = std::chrono::milliseconds(200);
    plan.timeout = std::chrono::milliseconds(40);
    return plan;
  }

  // `run` until every kind of outcome is in the books: a stall of the machine may take a whole run.
  template <class Run>
  void expect_honest_books(Run run) {
    std::map<std::string, double> figures;
    for (int i = 0; i < 20 && (figures["received"] == 0 || figures["lost"] == 0 || figures["bad"] == 0);
         ++i) {
      Meter meter(plan(), Clock::now());
      ASSERT_TRUE(run(meter));
      std::istringstream words(meter.report());
      for (std::string word; words >> word;) {
        figures[word.substr(0, word.find('='))] = std::stod(word.substr(word.find('=') + 1));
      }
      EXPECT_EQ(figures["sent"], figures["received"] + figures["lost"] + figures["bad"]);
    }
    EXPECT_GE(figures["received"], 1);
    EXPECT_GE(figures["lost"], 1);
    EXPECT_GE(figures["bad"], 1);
    EXPECT_GT(figures["p50_us"], 0);
    EXPECT_LE(figures["p50_us"], figures["p999_us"]);
  }

  CarelessServer server_;
  QuerySource source_ = *QuerySource::open({*encode_query("web.mesh A records", false)}, false, 0);
};

TEST_F(Generator, BooksEveryFaultOverUdp) {
  expect_honest_books([&](Meter& meter) { return run_udp(server_.target(), 16, 2, source_, meter); });
}

TEST_F(Generator, BooksEveryFaultOverTcp) {
  expect_honest_books([&](Meter& meter) { return run_tcp(server_.target(), 16, 1, source_, meter); });
}

TEST_F(Generator, BooksEveryFaultOfFreshSockets) {
  expect_honest_books([&](Meter& meter) { return run_fresh(server_.target(), source_, meter); });
}

TEST_F(Generator, ProbeWaitsForAGoodAnswer) {
  EXPECT_TRUE(probe(server_.target(), source_, std::chrono::seconds(20)));
}

TEST(SilentServer, StopsTheGeneratorsInTime) {
  const base::UniqueFd silent(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto target = *LoopbackAddress::parse(bind_to_any_port(silent));
  auto source = *QuerySource::open({*encode_query("web.mesh A records", false)}, false, 0);
  LoadPlan plan;
  plan.warm_up = {};
  plan.counted = std::chrono::milliseconds(50);
  plan.timeout = std::chrono::milliseconds(20);
  Meter meter(plan, Clock::now());
  ASSERT_TRUE(run_udp(target, 4, 1, source, meter));
  EXPECT_EQ(meter.good_replies(), 0U);
  EXPECT_FALSE(probe(target, source, std::chrono::milliseconds(50)));
}

}  // namespace
}  // namespace meshdns::load
