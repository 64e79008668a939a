// Exceptions that nobody expected: the query is lost, the worker goes on.
#include <latch>
#include <new>
#include <stdexcept>

#include "dns/forward/forward_plan.hpp"
#include "dns/forward/loop_guard.hpp"
#include "dns/server/listen_sockets.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/server/worker.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

bool is(const wire::QueryView& query, std::string_view name) {
  return DomainName::from_wire(query.folded_qname()) == domain(name);
}

// Runs out of memory at `bad.example.org`.
class BadSource final : public plugin::Source {
 public:
  plugin::Verdict answer(const wire::QueryView& query, const plugin::Client& /*client*/,
                         wire::ResponseWriter& /*out*/) const override {
    if (is(query, "bad.example.org")) {
      throw std::bad_alloc();
    }
    return {};
  }
  std::string_view name() const override { return "bad"; }
};

// Fails at what the upstream says of `late.example.org`.
class BadRewriter final : public plugin::Rewriter {
 public:
  std::unique_ptr<const plugin::Rewrite> rewrite(const wire::QueryView& query) const override {
    return is(query, "late.example.org") ? std::make_unique<BadRewrite>(query) : nullptr;
  }

 private:
  class BadRewrite final : public plugin::Rewrite {
   public:
    explicit BadRewrite(const wire::QueryView& query) : query_(query.packet.begin(), query.packet.end()) {}
    std::span<const std::uint8_t> query() const override { return query_; }
    std::vector<std::uint8_t> restore(std::span<const std::uint8_t> /*response*/) const override {
      throw std::runtime_error("cannot restore");
    }

   private:
    std::vector<std::uint8_t> query_;
  };
};

class InternalError : public ::testing::Test {
 protected:
  InternalError() {
    ServerOptions options;
    BlockOptions& block = options.blocks.emplace_back();
    block.zones = {DomainName()};
    block.listen = {socket_address("127.0.0.1:0")};
    block.forward.emplace_back().to = {upstream_.address()};
    auto chain = std::make_shared<plugin::Chain>();
    chain->after_mesh.push_back(std::make_shared<BadSource>());
    chain->rewriters.push_back(std::make_unique<BadRewriter>());
    auto plan = std::make_shared<forward::ForwardPlan>(forward::make_forward_plan(options, {}).value());
    auto sockets = server::open_listen_sockets(block.listen.front(), 1, {}).value();
    address = sockets.actual;
    worker.emplace(0, options, loops_, sink_, [](auto) {});
    worker->start();
    std::vector<server::NewListener> listeners;
    listeners.push_back({sockets.configured, sockets.actual, std::move(sockets.workers.front())});
    std::latch applied(1);
    worker->apply(
        server::make_snapshot(options, {server::ServedTable()}, {std::move(chain)}, std::move(plan)),
        std::move(listeners), applied);
    applied.wait();
  }
  ~InternalError() override {
    worker->stop(std::chrono::steady_clock::now());
    worker->join();
  }

  std::uint64_t internal_errors() const { return worker->counters().internal_errors.value(); }

  LogLines log;
  SocketAddress address;
  std::optional<server::Worker> worker;

 private:
  support::ScriptedUpstream upstream_{support::answer};
  forward::LoopGuard loops_;
  LogSink sink_ = log.sink();
};

TEST_F(InternalError, IsServfailForTheQueryAndNothingForOthers) {
  EXPECT_EQ(ask_udp(address, {.name = "bad.example.org"})->rcode, "SERVFAIL");
  TcpClient client(address);
  EXPECT_EQ(client.ask({.name = "bad.example.org"})->rcode, "SERVFAIL");
  EXPECT_EQ(client.ask({.name = "www.example.org"})->rcode, "NOERROR") << "the same connection";
  EXPECT_EQ(ask_udp(address, {.name = "www.example.org"})->rcode, "NOERROR");
  EXPECT_EQ(internal_errors(), 2U);
  EXPECT_TRUE(log.wait_for("internal error, a query has no answer because of it: std::bad_alloc"));
  EXPECT_EQ(log.count("internal error"), 1U) << "a line each would be as many as somebody likes to make";
}

TEST_F(InternalError, WithAReplyCostsItsQueryAlone) {
  UdpClient client(address);
  client.send(make_query({.name = "late.example.org", .id = 1}));
  EXPECT_TRUE(becomes_true([this] { return internal_errors() == 1; }));
  EXPECT_EQ(client.ask({.name = "www.example.org", .id = 2})->id, 2);
  EXPECT_TRUE(log.wait_for("cannot restore"));
}

// A connection may have 32 queries on their way; those that are lost are none any more.
TEST_F(InternalError, GivesThePlaceOfItsQueryOnTheConnectionBack) {
  TcpClient client(address);
  for (std::uint16_t id = 1; id <= 40; ++id) {
    client.send(make_query({.name = "late.example.org", .id = id}));
    ASSERT_TRUE(becomes_true([&] { return internal_errors() == id; })) << id;
  }
  EXPECT_EQ(client.ask({.name = "www.example.org", .id = 41})->id, 41);
}

TEST_F(InternalError, OutsideOfAQueryLeavesTheWorkerRunning) {
  worker->post([] { throw std::logic_error("a task that fails"); });
  EXPECT_EQ(ask_udp(address, {.name = "www.example.org"})->rcode, "NOERROR");
  EXPECT_EQ(internal_errors(), 1U);
}

}  // namespace
}  // namespace meshdns::test
