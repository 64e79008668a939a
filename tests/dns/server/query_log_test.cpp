#include "dns/server/query_log.hpp"

#include <gtest/gtest.h>

#include "tests/support/dns_message.hpp"

namespace meshdns::server {
namespace {

using test::Octets;

struct Logged {
  Octets question;
  Octets response = Octets(50);
  QueryLogEntry entry;

  explicit Logged(const test::QuerySpec& spec) {
    const Octets query = test::make_query(spec);
    question.assign(query.begin() + 12, query.end());
    response[2] = 0x81;  // QR, RD
    response[3] = 0x80;  // RA
    entry.client = SocketAddress::parse("127.0.0.1:36124", 0).value();
    entry.id = 4660;
    entry.question = question;
    entry.query_size = query.size();
    entry.response = response;
    entry.took = std::chrono::nanoseconds(1'078'828);
  }
};

TEST(QueryLog, IsCoreDnsCommonFormat) {
  EXPECT_EQ(query_log_line(Logged({.name = "www.test"}).entry),
            R"(127.0.0.1:36124 - 4660 "A IN www.test. udp 26 false 512" NOERROR qr,rd,ra 50 0.001078828s)");
}

TEST(QueryLog, TcpHasTheBufferOfTcpAndIpv6IsBracketed) {
  Logged logged({.name = "www.test", .type = "AAAA"});
  logged.entry.client = SocketAddress::parse("[::1]:5", 0).value();
  logged.entry.is_tcp = true;
  EXPECT_EQ(query_log_line(logged.entry),
            R"([::1]:5 - 4660 "AAAA IN www.test. tcp 26 false 65535" NOERROR qr,rd,ra 50 0.001078828s)");
}

TEST(QueryLog, TellsEdnsCodeAndFlags) {
  Logged logged({.name = "WWW.Test", .qclass = 3});
  logged.entry.edns.present = true;
  logged.entry.edns.udp_payload = 1400;
  logged.entry.edns.dnssec_ok = true;
  logged.response[2] = 0x87;
  logged.response[3] = 0xb3;
  EXPECT_EQ(
      query_log_line(logged.entry),
      R"(127.0.0.1:36124 - 4660 "A CH www.test. udp 26 true 1400" NXDOMAIN qr,aa,tc,rd,ra,ad,cd 50 0.001078828s)");
}

TEST(QueryLog, ABufferBelow512CountsAs512) {
  Logged logged({.name = "www.test"});
  logged.entry.edns.present = true;
  logged.entry.edns.udp_payload = 0;
  EXPECT_NE(query_log_line(logged.entry).find("false 512\""), std::string::npos);
}

}  // namespace
}  // namespace meshdns::server
