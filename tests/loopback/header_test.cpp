// What the header of each kind of response says, for every kind of query: flags, code, opcode, and whether
// anything follows it.
#include <fmt/format.h>

#include "dns/wire/message.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using support::Reaction;
using support::SeenQuery;

// "NOERROR aa rd ra"
std::string header_of(const Octets& octets) {
  const auto reply = read_reply(octets);
  if (!reply) {
    return "unreadable";
  }
  std::string text = reply->rcode;
  const std::pair<bool, const char*> flags[] = {{reply->aa, " aa"}, {reply->tc, " tc"}, {reply->rd, " rd"},
                                                {reply->ra, " ra"}, {reply->ad, " ad"}, {reply->cd, " cd"}};
  for (const auto& [is_set, name] : flags) {
    text += is_set ? name : "";
  }
  if (const int opcode = reply->flags >> 11 & 15; opcode != 0) {
    text += fmt::format(" opcode {}", opcode);
  }
  return text + (octets.size() == wire::kHeaderSize ? ", nothing else" : "");
}

struct Row {
  const char* query;
  Octets octets;
  std::string response;
};

class Header : public ServerTest {
 protected:
  void SetUp() override { serve(false); }

  void serve(bool trust_ad) {
    BlockOptions only = mesh_block();
    forward_to(only, upstream.address());
    only.forward.back().trust_ad = trust_ad;
    start(only);
  }

  void expect(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      UdpClient udp(address());
      udp.send(row.octets);
      EXPECT_EQ(header_of(udp.receive().value_or(Octets{})), row.response) << row.query << " over UDP";
      TcpClient tcp(address());
      tcp.send(row.octets);
      EXPECT_EQ(header_of(tcp.receive().value_or(Octets{})), row.response) << row.query << " over TCP";
    }
  }

  // One that says everything of itself, but not that it is recursive.
  static Reaction boast(const SeenQuery& query) {
    const bool is_unknown = query.question().starts_with("nobody.");
    const bool is_bad = query.question().starts_with("bad.");
    const int flags = is_bad ? wire::rcode::ServFail
                             : wire::flag::AA | wire::flag::AD | (is_unknown ? wire::rcode::NXDomain : 0);
    support::Bytes reply =
        support::make_reply(query, is_unknown || is_bad ? 0 : 1, static_cast<std::uint16_t>(flags));
    reply[3] &= 0x7F;
    return {.messages = {reply}};
  }

  support::ScriptedUpstream upstream{boast};
};

TEST_F(Header, OfNamesOfTheMesh) {
  const auto with_flags = [](std::uint16_t flags) {
    return make_query({.name = "backend.mesh", .flags = flags});
  };
  expect({
      {"RD", with_flags(0x0100), "NOERROR aa rd ra"},
      {"no RD", with_flags(0), "NOERROR aa ra"},
      {"CD and AD", with_flags(0x0130), "NOERROR aa rd ra cd"},
      {"the reserved bit", with_flags(0x0140), "NOERROR aa rd ra"},
      {"TC", with_flags(0x0300), "NOERROR aa rd ra"},
      {"AA, RA and a code", with_flags(0x0583), "NOERROR aa rd ra"},
      {"a type it does not have", make_query({.name = "v4.mesh", .type = "AAAA"}), "NOERROR aa rd ra"},
      {"ANY", make_query({.name = "v4.mesh", .type = "ANY"}), "NOERROR aa rd ra"},
      {"a name it does not have", make_query({.name = "nobody.mesh"}), "NXDOMAIN aa rd ra"},
      {"a transfer", make_query({.name = "mesh", .type = "AXFR"}), "REFUSED rd"},
      {"an incremental transfer", make_query({.name = "v4.mesh", .type = "IXFR"}), "REFUSED rd"},
      {"class ANY", make_query({.name = "v4.mesh", .qclass = 255}), "REFUSED rd"},
      {"class CH", make_query({.name = "v4.mesh", .type = "TXT", .qclass = 3}), "REFUSED rd"},
      {"EDNS", make_query({.name = "v4.mesh", .edns_size = 1232}), "NOERROR aa rd ra"},
      {"EDNS version 1", make_query({.name = "v4.mesh", .edns_size = 1232, .edns_version = 1}), "BADVERS rd"},
  });
  EXPECT_TRUE(upstream.seen().empty());
}

TEST_F(Header, OfNamesOfOthers) {
  expect({
      {"RD", make_query({.name = "a.example.org"}), "NOERROR aa rd ra"},
      {"no RD", make_query({.name = "b.example.org", .flags = 0}), "NOERROR aa ra"},
      {"AD", make_query({.name = "c.example.org", .flags = 0x0120}), "NOERROR aa rd ra"},
      {"CD", make_query({.name = "d.example.org", .flags = 0x0110}), "NOERROR aa rd ra cd"},
      {"DO", make_query({.name = "e.example.org", .edns_size = 1232, .dnssec_ok = true}), "NOERROR aa rd ra"},
      {"a name that nobody has", make_query({.name = "nobody.example.org"}), "NXDOMAIN aa rd ra"},
      {"a failure", make_query({.name = "bad.example.org"}), "SERVFAIL rd ra"},
      {"a type that nobody knows", make_query({.name = "f.example.org", .type = "TYPE65280"}),
       "NOERROR aa rd ra"},
      {"class ANY", make_query({.name = "g.example.org", .qclass = 255}), "NOERROR aa rd ra"},
      {"class CH", make_query({.name = "h.example.org", .type = "TXT", .qclass = 3}), "REFUSED rd"},
      {"the server's version", make_query({.name = "version.bind", .type = "TXT", .qclass = 3}),
       "NOERROR rd ra"},
  });
  EXPECT_FALSE(upstream.questions().contains("h.example.org 16"));
}

TEST_F(Header, TellsWhatATrustedUpstreamHasValidatedToWhoAsks) {
  serve(true);
  expect({
      {"RD", make_query({.name = "a.example.org"}), "NOERROR aa rd ra"},
      {"AD", make_query({.name = "c.example.org", .flags = 0x0120}), "NOERROR aa rd ra ad"},
      {"DO", make_query({.name = "e.example.org", .edns_size = 1232, .dnssec_ok = true}),
       "NOERROR aa rd ra ad"},
      {"AD and nobody", make_query({.name = "nobody.example.org", .flags = 0x0120}), "NXDOMAIN aa rd ra ad"},
      {"AD and a failure", make_query({.name = "bad.example.org", .flags = 0x0120}), "SERVFAIL rd ra"},
  });
}

TEST_F(Header, OfWhatIsNoQuery) {
  const Octets query = make_query({.name = "backend.mesh"});
  const auto with_counts = [&](std::initializer_list<std::uint8_t> counts) {
    Octets octets = query;
    std::size_t at = 5;
    for (const std::uint8_t count : counts) {
      octets[at] = count;
      at += 2;
    }
    return octets;
  };
  Octets longer = query;
  longer.insert(longer.end(), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13});
  Octets pointing = query;
  pointing[12] = 0xC0;
  Octets two_opts = make_query({.name = "backend.mesh", .edns_size = 1232});
  const Octets opt(two_opts.end() - 11, two_opts.end());
  two_opts.insert(two_opts.end(), opt.begin(), opt.end());
  two_opts[11] = 2;
  expect({
      {"no question", with_counts({0}), "FORMERR rd, nothing else"},
      {"two questions", with_counts({2}), "FORMERR rd, nothing else"},
      {"a question that is not there", Octets(query.begin(), query.begin() + 12), "FORMERR rd, nothing else"},
      {"half a question", Octets(query.begin(), query.end() - 3), "FORMERR rd, nothing else"},
      {"a pointer in the question", pointing, "FORMERR rd, nothing else"},
      {"answers that are not there", with_counts({1, 2}), "FORMERR rd"},
      {"authority that is not there", with_counts({1, 0, 2}), "FORMERR rd"},
      {"an OPT that is not there", with_counts({1, 0, 0, 1}), "FORMERR rd"},
      {"two OPTs", two_opts, "FORMERR rd"},
      {"octets behind the message", longer, "NOERROR aa rd ra"},
  });
  for (std::uint16_t opcode = 1; opcode < 16; ++opcode) {
    expect({{"another opcode",
             make_query(
                 {.name = "mesh", .type = "SOA", .flags = static_cast<std::uint16_t>(opcode << 11 | 0x0100)}),
             fmt::format("NOTIMP rd opcode {}, nothing else", opcode)}});
  }
  EXPECT_TRUE(upstream.seen().empty());
}

}  // namespace
}  // namespace meshdns::test
