// What every client of a block sees, over UDP and TCP, IPv4 and IPv6.
#include <set>

#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct Path {
  const char* name;
  const char* listen;
  bool is_tcp;
};

void PrintTo(const Path& path, std::ostream* out) {
  *out << path.name;
}

class EveryPath : public ServerTest, public ::testing::WithParamInterface<Path> {
 protected:
  void SetUp() override {
    BlockOptions options = mesh_block();
    options.listen = {socket_address(GetParam().listen)};
    start(options);
  }

  std::optional<Reply> ask(const QuerySpec& query) {
    return GetParam().is_tcp ? ask_tcp(address(), query) : ask_udp(address(), query);
  }
};

INSTANTIATE_TEST_SUITE_P(Server, EveryPath,
                         ::testing::Values(Path{"UdpV4", "127.0.0.1:0", false},
                                           Path{"UdpV6", "[::1]:0", false},
                                           Path{"TcpV4", "127.0.0.1:0", true},
                                           Path{"TcpV6", "[::1]:0", true}),
                         [](const auto& instance) { return std::string(instance.param.name); });

TEST_P(EveryPath, AnswersAMeshNameWithAuthority) {
  const auto reply = ask({.name = "backend.mesh", .id = 0x4711, .flags = 0x0110});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->id, 0x4711);
  EXPECT_EQ(reply->rcode, "NOERROR");
  EXPECT_TRUE(reply->qr && reply->aa && reply->ra && reply->rd && reply->cd);
  EXPECT_FALSE(reply->tc || reply->ad || reply->has_opt);
  EXPECT_THAT(reply->answer, ElementsAre("backend.mesh. 30 IN A 240.0.0.1"));
  EXPECT_EQ(reply->octets.size(), 12U + 18 + 16) << "the owner name is a pointer";

  const auto v6 = ask({.name = "backend.mesh", .type = "AAAA", .flags = 0});
  ASSERT_TRUE(v6);
  EXPECT_FALSE(v6->rd);
  EXPECT_THAT(v6->answer, ElementsAre("backend.mesh. 30 IN AAAA fd00::1"));
}

TEST_P(EveryPath, RepeatsTheQuestionInTheClientsCase) {
  const auto reply = ask({.name = "BackEnd.Mesh"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->question, StartsWith("BackEnd.Mesh."));
  EXPECT_THAT(reply->answer, SizeIs(1));
}

TEST_P(EveryPath, SaysNoDataWithSoaWhereTheNameHasNothingOfTheType) {
  for (const char* type : {"AAAA", "MX", "TXT", "HTTPS", "SRV"}) {
    const auto reply = ask({.name = "v4.mesh", .type = type});
    ASSERT_TRUE(reply) << type;
    EXPECT_EQ(reply->rcode, "NOERROR") << type;
    EXPECT_THAT(reply->answer, IsEmpty()) << type;
    EXPECT_THAT(reply->authority, ElementsAre(HasSubstr(" IN SOA "))) << type;
  }
}

TEST_P(EveryPath, SaysNxDomainWithSoaBelowAnOwnedSuffix) {
  const auto reply = ask({.name = "nobody.mesh", .edns_size = 4096, .dnssec_ok = true});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "NXDOMAIN");
  EXPECT_TRUE(reply->aa);
  EXPECT_THAT(reply->authority, ElementsAre(StartsWith("mesh. ")));
  EXPECT_TRUE(reply->has_opt && reply->opt_dnssec_ok);
  EXPECT_EQ(reply->opt_size, 1232);
}

TEST_P(EveryPath, ExpandsAWildcardOverAnyNumberOfLabels) {
  for (const char* name : {"a.wild.mesh", "a.b.c.wild.mesh"}) {
    const auto reply = ask({.name = name});
    ASSERT_TRUE(reply);
    EXPECT_THAT(reply->answer, ElementsAre(std::string(name) + ". 30 IN A 240.0.0.20"));
  }
  const auto parent = ask({.name = "wild.mesh"});
  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->rcode, "NOERROR");
  EXPECT_THAT(parent->answer, IsEmpty());
}

TEST_P(EveryPath, StartsWithAnotherAddressEachTime) {
  std::set<std::string> first;
  for (int i = 0; i < 6; ++i) {
    const auto reply = ask({.name = "three.mesh"});
    ASSERT_TRUE(reply);
    ASSERT_THAT(reply->answer, SizeIs(3));
    EXPECT_EQ(std::set(reply->answer.begin(), reply->answer.end()).size(), 3U);
    first.insert(reply->answer.front());
  }
  EXPECT_THAT(first, SizeIs(3));
}

TEST_P(EveryPath, RefusesWhatNobodyServes) {
  const auto reply = ask({.name = "www.example.org", .edns_size = 1400});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "REFUSED");
  EXPECT_THAT(reply->question, StartsWith("www.example.org."));
  EXPECT_FALSE(reply->aa);
  EXPECT_TRUE(reply->has_opt);
}

TEST_P(EveryPath, AnswersAnUnknownEdnsVersionWithBadVers) {
  const auto reply = ask({.name = "backend.mesh", .edns_size = 4096, .edns_version = 1});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "BADVERS");
  EXPECT_EQ(reply->opt_size, 1232);
  EXPECT_THAT(reply->answer, IsEmpty());
}

TEST_P(EveryPath, DoesNotReflectEdnsOptions) {
  const auto reply =
      ask({.name = "backend.mesh", .edns_size = 4096, .edns_options = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8}});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->opt_options_size, 0U);
}

class Transport : public ServerTest {
 protected:
  void SetUp() override { start(mesh_block()); }

  // The reply to these octets, as octets.
  Octets udp(const Octets& datagram) {
    UdpClient client(address());
    EXPECT_TRUE(client.send(datagram));
    return client.receive().value_or(Octets{});
  }
};

TEST_F(Transport, AnswersAHeaderThatIsNoQueryWithAHeader) {
  Octets two_questions = make_query({.name = "backend.mesh"});
  two_questions[5] = 2;
  const Octets form_error = udp(two_questions);
  ASSERT_EQ(form_error.size(), 12U);
  EXPECT_EQ(form_error[2], 0x81) << "QR and RD";
  EXPECT_EQ(form_error[3] & 0x0f, 1);

  const Octets update = udp(make_query({.name = "mesh", .type = "SOA", .flags = 5 << 11}));
  ASSERT_EQ(update.size(), 12U);
  EXPECT_EQ(update[2], 0x80 | 5 << 3);
  EXPECT_EQ(update[3] & 0x0f, 4);
  EXPECT_EQ(counters().format_errors, 1U);
  EXPECT_EQ(counters().not_implemented, 1U);
}

TEST_F(Transport, StaysSilentToWhatIsNotAQuery) {
  UdpClient client(address());
  client.send(Octets{1, 2, 3});
  client.send(Octets{});
  client.send(make_query({.name = "backend.mesh", .id = 1, .flags = 0x8100}));
  client.send(make_query({.name = "backend.mesh", .id = 2}));
  const auto reply = client.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ((*reply)[1], 2) << "the first answer is to the only query";
  EXPECT_EQ(counters().dropped_malformed, 3U);
}

TEST_F(Transport, AcceptsQueriesOf4096Octets) {
  Octets padding{0, 12, 0, 0};
  const std::size_t bare =
      make_query({.name = "backend.mesh", .edns_size = 4096, .edns_options = padding}).size();
  padding.resize(padding.size() + 4096 - bare);
  padding[2] = static_cast<std::uint8_t>((4096 - bare) >> 8);
  padding[3] = static_cast<std::uint8_t>(4096 - bare);
  const Octets query = make_query({.name = "backend.mesh", .edns_size = 4096, .edns_options = padding});
  ASSERT_EQ(query.size(), 4096U);
  const auto reply = read_reply(udp(query));
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, SizeIs(1));
}

TEST_F(Transport, CutsAtTheClientsLimitAndKeepsWholeAddresses) {
  const auto plain = ask_udp(address(), {.name = "many.mesh"});
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->tc);
  EXPECT_THAT(plain->answer, SizeIs((512 - 12 - 15) / 16));

  const auto wide = ask_udp(address(), {.name = "many.mesh", .edns_size = 4096});
  ASSERT_TRUE(wide);
  EXPECT_FALSE(wide->tc) << "loopback carries 4096 octets whole";
  EXPECT_THAT(wide->answer, SizeIs(150));

  const auto whole = ask_tcp(address(), {.name = "many.mesh"});
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->tc);
  EXPECT_THAT(whole->answer, SizeIs(150));
}

TEST_F(Transport, AnswersEveryDatagramOfABurst) {
  UdpClient client(address());
  constexpr std::uint16_t kBurst = 200;  // more than three batches
  for (std::uint16_t id = 0; id < kBurst; ++id) {
    ASSERT_TRUE(client.send(make_query({.name = id % 2 == 0 ? "backend.mesh" : "nobody.mesh", .id = id})));
  }
  std::set<int> answered;
  for (int i = 0; i < kBurst; ++i) {
    const auto reply = client.receive();
    ASSERT_TRUE(reply) << "after " << answered.size();
    const int id = (*reply)[0] << 8 | (*reply)[1];
    EXPECT_EQ((*reply)[3] & 0x0f, id % 2 == 0 ? 0 : 3);
    answered.insert(id);
  }
  EXPECT_THAT(answered, SizeIs(kBurst));
}

TEST_F(Transport, KeepsAnsweringWhenClientsAreGone) {
  for (int i = 0; i < 300; ++i) {
    UdpClient(address()).send(make_query({.name = "backend.mesh"}));
  }
  EXPECT_TRUE(ask_udp(address(), {.name = "backend.mesh"}));
}

TEST_F(Transport, LogsQueriesOnlyWhereToldTo) {
  BlockOptions options = mesh_block();
  options.log.emplace_back().zones = {domain("mesh")};
  ASSERT_TRUE(server->reload({.blocks = {options}}));
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  ASSERT_TRUE(ask_udp(address(), {.name = "Backend.mesh", .id = 77}));
  EXPECT_TRUE(log.wait_for(R"( - 77 "A IN backend.mesh. udp 30 false 512" NOERROR qr,aa,rd,ra 46 0.)"))
      << log.text();
  EXPECT_EQ(log.count("example.org"), 0U);
}

}  // namespace
}  // namespace meshdns::test
