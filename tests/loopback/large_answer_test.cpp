// Names with 150 addresses: every client gets as many whole ones as it can take, and is told if that is not
// all.
#include <set>

#include "dns/wire/message.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using support::Reaction;
using support::SeenQuery;

constexpr std::size_t kAll = 150;
constexpr std::size_t kRecord = 16;  // an address behind a pointer to the question
constexpr std::size_t kOpt = 11;

struct Taker {
  const char* name;
  std::optional<std::uint16_t> edns_size;
  bool is_tcp = false;
  std::size_t limit = wire::kPlainUdpLimit;
};

void PrintTo(const Taker& taker, std::ostream* out) {
  *out << taker.name;
}

class LargeAnswer : public ServerTest, public ::testing::WithParamInterface<Taker> {
 protected:
  void SetUp() override {
    BlockOptions only = mesh_block();
    forward_to(only, upstream.address());
    start(only);
  }

  std::optional<Reply> ask(const std::string& name) const {
    const QuerySpec query{.name = name, .edns_size = GetParam().edns_size};
    return GetParam().is_tcp ? ask_tcp(address(), query) : ask_udp(address(), query);
  }

  static void expect_as_much_as_fits(const Reply& reply) {
    const std::size_t around =
        wire::kHeaderSize + reply.question.find(' ') + 1 + 4 + (reply.has_opt ? kOpt : 0);
    const std::size_t fitting = std::min(kAll, (GetParam().limit - around) / kRecord);
    EXPECT_EQ(reply.rcode, "NOERROR");
    EXPECT_EQ(reply.octets.size(), around + fitting * kRecord) << "every owner name is a pointer";
    EXPECT_EQ(std::set(reply.answer.begin(), reply.answer.end()).size(), fitting);
    EXPECT_GE(fitting, 20U) << "what musl finds enough, which never asks over TCP";
    EXPECT_EQ(reply.tc, fitting < kAll);
    EXPECT_EQ(reply.has_opt, GetParam().edns_size.has_value());
  }

  support::ScriptedUpstream upstream{[](const SeenQuery& query) {
    return Reaction{.messages = {query.is_tcp ? support::make_reply(query, kAll)
                                              : support::make_reply(query, 5, wire::flag::TC)}};
  }};
};

TEST_P(LargeAnswer, OfTheMesh) {
  const auto reply = ask("many.mesh");
  ASSERT_TRUE(reply);
  expect_as_much_as_fits(*reply);
}

TEST_P(LargeAnswer, OfAnUpstreamThatHasItOverTcp) {
  // One that takes 2 s over TCP is not waited for: we ask again then.
  std::optional<Reply> reply;
  ASSERT_TRUE(becomes_true([&] {
    reply = ask("many.example.org");
    return reply && reply->answer.size() > 5;
  }));
  expect_as_much_as_fits(*reply);
}

INSTANTIATE_TEST_SUITE_P(
    Client, LargeAnswer,
    ::testing::Values(Taker{"WithoutEdns", {}, false, 512}, Taker{"Of0", std::uint16_t{0}, false, 512},
                      Taker{"Of512", std::uint16_t{512}, false, 512},
                      Taker{"Of1232", std::uint16_t{1232}, false, 1232},
                      Taker{"Of4096", std::uint16_t{4096}, false, 4096},
                      Taker{"Of65535", std::uint16_t{65535}, false, 4096},
                      Taker{"OverTcp", {}, true, wire::kMaxMessageSize},
                      Taker{"OverTcpWithEdns", std::uint16_t{512}, true, wire::kMaxMessageSize}),
    [](const auto& taker) { return std::string(taker.param.name); });

}  // namespace
}  // namespace meshdns::test
