// ForwarderTest: a Forwarder on the test's own event loop, and questions asked through it. Its time stands
// still but for pass(): what is answered without that has cost no time, and nothing depends on the machine's
// speed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "dns/base/counters.hpp"
#include "dns/forward/clock.hpp"
#include "dns/forward/forwarder.hpp"
#include "dns/wire/message.hpp"
#include "tests/dns/forward/still_clock.hpp"
#include "tests/support/scripted_upstream.hpp"

namespace meshdns::forward {

using std::chrono::milliseconds;
using support::Bytes;
using support::QuerySpec;
using support::ScriptedUpstream;
using support::SeenQuery;

struct Asked {
  int outcomes = 0;  // calls of Done
  std::optional<Bytes> reply;
  std::string error;
  int code = -1;              // what the client is told
  bool is_authentic = false;  // AD, as far as it is believed

  std::size_t answers() const { return reply ? static_cast<std::size_t>((*reply)[6] << 8 | (*reply)[7]) : 0; }
  int rcode() const { return reply ? (*reply)[3] & 0x0f : -1; }
  bool is_truncated() const { return reply && ((*reply)[2] & 0x02) != 0; }
};

class ForwarderTest : public ::testing::Test {
 protected:
  explicit ForwarderTest(std::size_t max_in_flight = 4096) {
    forwarder.emplace(loop, max_in_flight, *loops, counters, log);
  }

  // One `forward` for every name.
  void use(const std::vector<SocketAddress>& upstreams, ForwardOptions options = {}) {
    options.to.assign(upstreams.begin(), upstreams.end());
    use_block({.forward = {std::move(options)}});
  }
  // `listening`: where queries could come back to.
  void use_block(BlockOptions block, std::span<const SocketAddress> listening = {}) {
    auto plan = make_forward_plan({.blocks = {std::move(block)}}, listening);
    ASSERT_TRUE(plan) << plan.error().what;
    forwarder->use(std::make_shared<ForwardPlan>(*std::move(plan)));
  }

  // Asks without waiting.
  std::shared_ptr<Asked> submit(const QuerySpec& spec, std::string_view client = "192.0.2.1") {
    return submit_packet(support::make_query(spec), client);
  }
  std::shared_ptr<Asked> submit_packet(const Bytes& packet, std::string_view client = "192.0.2.1") {
    auto asked = std::make_shared<Asked>();
    wire::QueryView query;
    EXPECT_EQ(wire::parse_query(packet, query), wire::QueryVerdict::Ok);
    forwarder->submit(0, query, *IpAddress::parse(client), [asked](const Outcome& outcome) {
      ++asked->outcomes;
      asked->error = outcome.error;
      asked->code = outcome.code();
      if (outcome.reply) {
        asked->reply.emplace(outcome.reply->message.begin(), outcome.reply->message.end());
        asked->is_authentic = (outcome.reply->flags & wire::flag::AD) != 0;
      }
    });
    return asked;
  }

  // Lets the forwarder's time pass, in steps; what is due by then has happened.
  void pass(milliseconds time) {
    for (constexpr milliseconds kStep{100}; time > milliseconds(0); time -= kStep) {
      move_clock(kStep);
      bool is_awake = false;
      Timer wake(loop, Clock::time_point());  // long due: makes the loop look at all its timers
      wake.async_wait([&](const boost::system::error_code&) { is_awake = true; });
      while (!is_awake) {
        loop.restart();
        loop.run_one();
      }
      loop.poll();
    }
  }

  // Waits for what others do.
  template <class Condition>
  void run_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    bool is_so = condition();
    while (!is_so && std::chrono::steady_clock::now() < end) {
      loop.restart();
      loop.run_one_for(milliseconds(20));
      is_so = condition();
    }
    EXPECT_TRUE(is_so);
  }

  Asked ask(const QuerySpec& spec = {}) {
    const auto asked = submit(spec);
    run_until([&] { return asked->outcomes > 0; });
    return *asked;
  }

  boost::asio::io_context loop;
  std::unique_ptr<LoopGuard> loops = std::make_unique<LoopGuard>();
  base::Counters counters;
  std::vector<std::string> lines;
  LogSink log = [this](LogLevel, std::string_view text) { lines.emplace_back(text); };
  std::optional<Forwarder> forwarder;
};

}  // namespace meshdns::forward
