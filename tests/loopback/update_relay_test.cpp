// UPDATE (RFC 2136): refused unless `relay_updates` says otherwise, then passed on as it is.
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "dns/wire/message.hpp"
#include "tests/dns/wire/octets.hpp"
#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using support::Reaction;
using support::SeenQuery;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint16_t kUpdate = 0x2800;

// Adds `owner`, or the zone itself.
Octets update(const std::string& zone, std::uint16_t id = 0x0815, std::string_view owner = {}) {
  Octets message = make_query({.name = zone, .type = "SOA", .id = id, .flags = kUpdate});
  Octets name = {0xC0, 12};
  if (!owner.empty()) {
    const DomainName parsed = domain(owner);
    name.assign(parsed.wire().begin(), parsed.wire().end());
  }
  add_record(message, 2, record(wire::type::A, Octets{10, 0, 0, 1}, name));
  add_record(message, 3, record(250, Octets{1, 2, 3, 4}, {3, 'k', 'e', 'y', 0}));  // as a TSIG
  return message;
}

// As a primary server that has its say in the additional section, too.
Octets reply_to(const Octets& message, std::uint16_t rcode = 0) {
  Octets reply =
      header(wire::load16(message.data()), static_cast<std::uint16_t>(0xA800 | rcode), {0, 0, 0, 0});
  add_record(reply, 3, record(250, Octets{9, 8, 7}, {3, 'k', 'e', 'y', 0}));
  return reply;
}

Reaction accept(const SeenQuery& query) {
  return {.messages = {reply_to(query.message)}};
}

Reaction accept_without_more(const SeenQuery& query) {
  return {.messages = {header(query.id(), 0xA800, {0, 0, 0, 0})}};
}

std::uint16_t flags_of(const std::optional<Octets>& reply) {
  return reply && reply->size() >= wire::kHeaderSize ? wire::load16(&(*reply)[2]) : 0;
}

std::uint16_t rcode_of(const std::optional<Octets>& reply) {
  EXPECT_EQ(flags_of(reply) & 0xF800, 0xA800) << "a response to an UPDATE";
  return flags_of(reply) & wire::flag::RcodeMask;
}

class UpdateRelay : public BlockTest {
 protected:
  void relay_to(const std::string& upstreams, const std::string& directives = "errors") {
    serve_text(".:0 {\nbind 127.0.0.1\n" + directives + "\nforward . " + upstreams +
               " {\nrelay_updates\n}\n}\n");
  }
  void relay(const std::string& directives = "errors") {
    relay_to(upstream.address().to_string(), directives);
  }

  std::optional<Octets> tell(const Octets& message) const {
    UdpClient client(address());
    client.send(message);
    return client.receive();
  }

  // What arrived of UPDATEs.
  std::vector<Octets> updates() const {
    std::vector<Octets> updates;
    for (const SeenQuery& query : upstream.seen()) {
      if ((query.message[2] & 0x78) == 0x28) {
        updates.push_back(query.message);
      }
    }
    return updates;
  }
};

TEST_F(UpdateRelay, IsOffUnlessAskedFor) {
  serve("errors");
  EXPECT_EQ(rcode_of(tell(update("example.org"))), wire::rcode::NotImp);
  EXPECT_THAT(updates(), IsEmpty());
}

TEST_F(UpdateRelay, PassesMessageAndAnswerOnAsTheyAreOverTheClientsTransport) {
  upstream.follow(accept);
  relay();
  const Octets over_udp = update("Example.ORG", 0x0815);
  EXPECT_EQ(tell(over_udp), reply_to(over_udp));
  const Octets over_tcp = update("example.org", 0x4711);
  TcpClient client(address());
  client.send(over_tcp);
  EXPECT_EQ(client.receive(), reply_to(over_tcp));
  EXPECT_THAT(updates(), ElementsAre(over_udp, over_tcp));
  const auto seen = upstream.seen();
  EXPECT_EQ(std::ranges::count_if(seen, &SeenQuery::is_tcp), 1);
  EXPECT_EQ(counters().updates_relayed, 2U);
}

TEST_F(UpdateRelay, KeepsNotifyAndOtherQuestionsAsTheyWere) {
  upstream.follow(accept);
  relay();
  Octets notify = update("example.org");
  notify[2] = 0x20;
  const auto refused = tell(notify);
  EXPECT_EQ(flags_of(refused), 0xA000 | wire::rcode::NotImp);
  upstream.follow(support::answer);
  EXPECT_EQ(data("www.example.org"), "10.0.0.0");
  EXPECT_THAT(updates(), IsEmpty());
}

TEST_F(UpdateRelay, TellsWhatIsNoUpdateOfOneZone) {
  relay();
  Octets without = header(7, kUpdate, {0, 0, 0, 0});
  EXPECT_EQ(rcode_of(tell(without)), wire::rcode::FormErr);
  EXPECT_EQ(rcode_of(tell(make_query({.name = "a.test", .type = "A", .flags = kUpdate}))),
            wire::rcode::FormErr);
  EXPECT_THAT(updates(), IsEmpty());
}

// Below an owned suffix nothing leaves the host, nor what the block itself has or keeps from this client.
TEST_F(UpdateRelay, RefusesWhatIsAnsweredHere) {
  upstream.follow(accept);
  relay("mesh " + folder.write("zone.yaml", shop_zone()) + "\nhosts " +
        folder.write("hosts", "10.0.0.1 a.test") + " {\nfallthrough\n}\nacl secret.test {\nfilter\n}");
  for (const char* zone : {"mesh", "Sub.MESH", "a.test", "secret.test", "home.arpa"}) {
    EXPECT_EQ(rcode_of(tell(update(zone))), wire::rcode::Refused) << zone;
  }
  EXPECT_EQ(rcode_of(tell(update(".", 1, "new.backend.mesh"))), wire::rcode::Refused);
  Octets cut = update("b.test", 2);
  cut.resize(cut.size() - 20);
  EXPECT_EQ(rcode_of(tell(cut)), wire::rcode::Refused) << "what is not whole may be about the mesh";
  EXPECT_THAT(updates(), IsEmpty());
  EXPECT_EQ(rcode_of(tell(update("example.com", 3, "api.example.com"))), 0)
      << "an overlay name has others, too";
}

TEST_F(UpdateRelay, AsksTheNextUpstreamWhenNobodyListensAndNeverAfterAnAnswer) {
  support::ScriptedUpstream second(accept);
  upstream.follow([](const SeenQuery& query) {
    return Reaction{.messages = {reply_to(query.message, wire::rcode::Refused)}};
  });
  relay_to(support::closed_port().to_string() + " " + upstream.address().to_string() + " " +
           second.address().to_string());
  EXPECT_EQ(rcode_of(tell(update("example.org"))), wire::rcode::Refused);
  TcpClient client(address());
  client.send(update("example.org", 2));
  EXPECT_EQ(rcode_of(client.receive()), wire::rcode::Refused);
  EXPECT_THAT(second.seen(), IsEmpty());
}

TEST_F(UpdateRelay, IgnoresWhatIsNoAnswerToIt) {
  upstream.follow([](const SeenQuery& query) {
    Octets other_id = reply_to(query.message, wire::rcode::NXDomain);
    other_id[0] ^= 1;
    Octets other_opcode = reply_to(query.message, wire::rcode::NXDomain);
    other_opcode[2] = 0x80;
    return Reaction{.messages = {query.message, other_id, other_opcode, {1}, reply_to(query.message)}};
  });
  relay();
  EXPECT_EQ(rcode_of(tell(update("example.org"))), 0);
}

TEST_F(UpdateRelay, GoesOnAfterSilenceAndTakesALateAnswer) {
  support::ScriptedUpstream second(support::silence);
  upstream.follow([](const SeenQuery& query) {
    return Reaction{.messages = {reply_to(query.message)}, .delay = milliseconds(2500)};
  });
  relay_to(upstream.address().to_string() + " " + second.address().to_string());
  EXPECT_EQ(rcode_of(tell(update("example.org"))), 0);
  EXPECT_THAT(updates(), SizeIs(1));
  EXPECT_THAT(second.seen(), SizeIs(1)) << "after half of the time";
}

// The client's next try does not double the change.
TEST_F(UpdateRelay, FailsAfterFourSecondsOfSilence) {
  upstream.follow(support::silence);
  relay();
  const Octets message = update("example.org");
  UdpClient client(address());
  client.send(message);
  client.send(message);
  EXPECT_EQ(rcode_of(client.receive()), wire::rcode::ServFail);
  EXPECT_FALSE(client.receive(milliseconds(0)));
  EXPECT_THAT(updates(), SizeIs(1));
  EXPECT_TRUE(log.wait_for("example.org. SOA: no answer to the update within 4000 ms")) << log.text();
}

TEST_F(UpdateRelay, HasAtMost64OnTheirWay) {
  upstream.follow(support::silence);
  relay();
  UdpClient client(address());
  for (std::uint16_t id = 1; id <= 65; ++id) {
    client.send(update("example.org", id));
  }
  const auto first = client.receive();
  EXPECT_EQ(rcode_of(first), wire::rcode::ServFail);
  EXPECT_EQ(wire::load16(first->data()), 65);
  EXPECT_TRUE(becomes_true([&] { return updates().size() == 64; }));
  std::set<std::uint16_t> ports;
  for (const SeenQuery& query : upstream.seen()) {
    ports.insert(query.source_port);
  }
  EXPECT_THAT(ports, SizeIs(64)) << "each from a socket of its own";
}

TEST_F(UpdateRelay, ServesNsupdate) {
  if (std::system("nsupdate -V > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "nsupdate is not installed (bind9-dnsutils)";
  }
  upstream.follow(accept_without_more);
  relay();
  const std::string script =
      folder.write("script", "server 127.0.0.1 " + std::to_string(address().port) +
                                 "\nzone example.org\nupdate add www.example.org 60 A 10.0.0.1\nsend\n");
  EXPECT_EQ(std::system(("nsupdate " + script + " 2>&1").c_str()), 0);
  EXPECT_EQ(std::system(("nsupdate -v " + script + " 2>&1").c_str()), 0) << "over TCP";
  EXPECT_THAT(updates(), SizeIs(2));
}

TEST_F(UpdateRelay, TakesNoUpstreamsWithTls) {
  const auto corefile =
      parse_corefile(".:0 {\nforward . tls://127.0.0.1 {\nrelay_updates\n}\n}\n", "Corefile");
  ASSERT_TRUE(corefile);
  const auto started = Server::start(corefile->options, log.sink());
  ASSERT_FALSE(started);
  EXPECT_EQ(
      started.error().what,
      "Corefile:2: forward: relay_updates is for upstreams without TLS, 127.0.0.1:853 is asked over it");
}

}  // namespace
}  // namespace meshdns::test
