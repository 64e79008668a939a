// Names of this host and others that nobody else can answer, and the directives that speak of the server
// itself.
#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SpecialNames : public BlockTest {};

TEST_F(SpecialNames, NeverReachAnUpstream) {
  serve("mesh " + folder.write("zone.yaml", shop_zone()));
  EXPECT_EQ(data("localhost"), "127.0.0.1");
  EXPECT_EQ(data("app.LOCALHOST", "AAAA"), "::1");
  EXPECT_EQ(data("hidden.onion"), "NXDOMAIN");
  EXPECT_EQ(data("x.invalid", "HTTPS"), "NXDOMAIN");
  EXPECT_EQ(data("nas.home.arpa"), "NXDOMAIN");
  EXPECT_EQ(data("1.0.0.127.in-addr.arpa", "PTR"), "localhost.");
  EXPECT_THAT(upstream.questions(), IsEmpty());
  EXPECT_THAT(data("localhost.example.org"), HasSubstr("10.")) << "only `local` takes the prefix";
}

TEST_F(SpecialNames, AreForwardedWhereTheBlockSaysSo) {
  serve("forward home.arpa " + upstream.address().to_string());
  EXPECT_THAT(data("nas.home.arpa"), HasSubstr("10."));
  EXPECT_EQ(data("nas.invalid"), "NXDOMAIN");
}

TEST_F(SpecialNames, AreTheMeshsIfItHasThem) {
  serve("mesh " +
        folder.write("zone.yaml", "owns: [home.arpa]\nrecords: [{name: a.home.arpa, ips: [240.0.0.7]}]\n"));
  EXPECT_EQ(data("a.home.arpa"), "240.0.0.7");
}

TEST_F(SpecialNames, LocalStandsBeforeEverythingElse) {
  serve("local\ntemplate ANY ANY . {\n rcode REFUSED\n}");
  EXPECT_EQ(data("localhost"), "127.0.0.1");
  EXPECT_EQ(data("localhost.example.org"), "127.0.0.1");
  EXPECT_EQ(data("a.onion"), "REFUSED") << "which `local` leaves alone";
}

// CoreDNS's own default block.
TEST_F(SpecialNames, ABlockOfWhoamiAndLogTellsClientsWhoTheyAre) {
  serve_text(".:0 {\nbind 127.0.0.1\nwhoami\nlog\n}\n");
  UdpClient client(address());
  const auto udp = client.ask({.name = "example.org", .type = "MX"});
  ASSERT_TRUE(udp);
  EXPECT_EQ(udp->rcode, "NOERROR");
  EXPECT_THAT(udp->answer, IsEmpty());
  ASSERT_EQ(udp->additional.size(), 2U);
  EXPECT_EQ(udp->additional[0], "example.org. 0 IN A 127.0.0.1");
  EXPECT_THAT(udp->additional[1], HasSubstr("_udp.example.org. 0 IN SRV 0 0 "));
  const auto tcp = ask_tcp(address(), {.name = "example.org"});
  ASSERT_TRUE(tcp);
  EXPECT_THAT(tcp->additional.at(1), HasSubstr("_tcp.example.org."));
  EXPECT_TRUE(log.wait_for("\"MX IN example.org. udp 29 false 512\" NOERROR qr,aa,rd,ra")) << log.text();
}

TEST_F(SpecialNames, ChaosChangesWhatTheServerSaysOfItself) {
  const auto text = [&](const std::string& name) {
    const auto reply = ask_udp(address(), {.name = name, .type = "TXT", .qclass = 3});
    return !reply || reply->answer.empty() ? (reply ? reply->rcode : "no answer") : reply->answer[0];
  };
  serve("errors");
  EXPECT_THAT(text("version.bind"), HasSubstr("\"meshdns "));
  EXPECT_EQ(text("authors.bind"), "REFUSED");
  server.reset();
  serve("chaos secret me");
  EXPECT_EQ(text("version.bind"), "version.bind. 0 CH TXT \"secret\"");
  EXPECT_EQ(text("authors.bind"), "authors.bind. 0 CH TXT \"me\"");
  EXPECT_THAT(text("hostname.bind"), HasSubstr(" CH TXT "));
  EXPECT_EQ(text("other.bind"), "REFUSED");
}

}  // namespace
}  // namespace meshdns::test
