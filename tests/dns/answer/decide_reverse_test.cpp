// PTR of virtual IPs: in use, free, and not ours.
#include <gtest/gtest.h>

#include "dns/wire/reverse_name.hpp"
#include "tests/dns/answer/ask.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;
using Lines = std::vector<std::string>;

class DecideReverseTest : public testing::Test {
 protected:
  DecideReverseTest() {
    MeshZone zone = mesh({"mesh"}, {record("backend.mesh", {"240.0.0.1", "fd00:fd00::1", "10.0.0.1"})});
    for (const char* range :
         {"241.0.0.0/8", "240.0.0.0/4", "10.8.0.0/13", "10.1.1.128/25", "fd00:fd00::/62"}) {
      zone.vips.push_back({.purpose = "services", .mesh = "", .range = IpRange::parse(range).value()});
    }
    table = table_of(zone);
  }

  // What is said of `address`, and whose SOA proves it.
  std::string ptr(const char* reverse_name) {
    const Asked asked = ask(&table, {.name = reverse_name, .type = "PTR"});
    if (asked.forwarded()) {
      return "FORWARD";
    }
    if (!asked.reply.answer.empty()) {
      return asked.reply.answer[0].substr(asked.reply.answer[0].rfind(' ') + 1);
    }
    const std::string& soa = asked.reply.authority.at(0);
    return asked.reply.rcode + " " + soa.substr(0, soa.find(' '));
  }

  AnswerTable table;
};

TEST_F(DecideReverseTest, AnAddressInUseHasItsNames) {
  EXPECT_EQ(ptr("1.0.0.240.in-addr.arpa"), "backend.mesh.");
  EXPECT_EQ(ptr("1.0.0.10.in-addr.arpa"), "backend.mesh.") << "outside of every range";
}

TEST_F(DecideReverseTest, AFreeVirtualIpHasNone) {
  EXPECT_EQ(ptr("2.0.0.240.in-addr.arpa"), "NXDOMAIN 240.in-addr.arpa.");
  EXPECT_EQ(ptr("4.3.2.250.in-addr.arpa"), "NXDOMAIN 250.in-addr.arpa.");
  EXPECT_EQ(ptr("4.3.2.241.in-addr.arpa"), "NXDOMAIN 241.in-addr.arpa.") << "in two ranges";
  EXPECT_EQ(ptr("4.3.9.10.in-addr.arpa"), "NXDOMAIN 9.10.in-addr.arpa.");
  EXPECT_EQ(ptr("200.1.1.10.in-addr.arpa"), "NXDOMAIN 200.1.1.10.in-addr.arpa.");
}

TEST_F(DecideReverseTest, SoHasAFreeIpv6Address) {
  const std::string host = "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.";
  EXPECT_EQ(ptr((host + "3.0.0.0.0.0.0.0.0.0.d.f.0.0.d.f.ip6.arpa").c_str()),
            "NXDOMAIN 3.0.0.0.0.0.0.0.0.0.d.f.0.0.d.f.ip6.arpa.");
  EXPECT_EQ(ptr((host + "4.0.0.0.0.0.0.0.0.0.d.f.0.0.d.f.ip6.arpa").c_str()), "FORWARD");
}

TEST_F(DecideReverseTest, OthersAreAskedOfOthers) {
  EXPECT_EQ(ptr("4.3.2.192.in-addr.arpa"), "FORWARD");
  EXPECT_EQ(ptr("1.1.1.10.in-addr.arpa"), "FORWARD");
  EXPECT_EQ(ptr("240.in-addr.arpa"), "FORWARD");
  EXPECT_EQ(outcome(table, "2.0.0.240.in-addr.arpa", "TXT"), "FORWARD");
}

TEST(ReverseZoneSize, OfEverythingIsOneLabel) {
  const DomainName qname = name("4.3.2.1.in-addr.arpa");
  EXPECT_EQ(wire::reverse_zone_size(qname.wire(), IpRange::parse("0.0.0.0/0").value()),
            name("1.in-addr.arpa").wire().size());
  EXPECT_EQ(wire::reverse_zone_size(qname.wire(), IpRange::parse("1.2.3.4/32").value()), qname.wire().size());
}

}  // namespace
}  // namespace meshdns::answer
