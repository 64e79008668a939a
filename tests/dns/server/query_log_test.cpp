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

std::string common(const QueryLogEntry& entry) {
  return QueryLog({.zones = {DomainName()}}).line(entry);
}

std::string formatted(std::string_view format, const QueryLogEntry& entry) {
  return LogFormat(format).line(entry);
}

TEST(QueryLog, IsCoreDnsCommonFormat) {
  EXPECT_EQ(common(Logged({.name = "www.test"}).entry),
            R"(127.0.0.1:36124 - 4660 "A IN www.test. udp 26 false 512" NOERROR qr,rd,ra 50 0.001078828s)");
}

TEST(QueryLog, TcpHasTheBufferOfTcpAndIpv6IsBracketed) {
  Logged logged({.name = "www.test", .type = "AAAA"});
  logged.entry.client = SocketAddress::parse("[::1]:5", 0).value();
  logged.entry.is_tcp = true;
  EXPECT_EQ(common(logged.entry),
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
      common(logged.entry),
      R"(127.0.0.1:36124 - 4660 "A CH www.test. udp 26 true 1400" NXDOMAIN qr,aa,tc,rd,ra,ad,cd 50 0.001078828s)");
}

TEST(QueryLog, ABufferBelow512CountsAs512) {
  Logged logged({.name = "www.test"});
  logged.entry.edns.present = true;
  logged.entry.edns.udp_payload = 0;
  EXPECT_NE(common(logged.entry).find("false 512\""), std::string::npos);
}

TEST(LogFormat, FillsInPlaceholders) {
  Logged logged({.name = "www.test", .type = "AAAA"});
  logged.entry.client = SocketAddress::parse("[2001:db8::1]:5", 0).value();
  logged.entry.local = SocketAddress::parse("[::1]:53", 0).value();
  logged.entry.flags = 0x2800;
  EXPECT_EQ(formatted("{remote} {port} {local} {>opcode} {class}", logged.entry),
            "[2001:db8::1] 5 [::1] 5 IN");
  EXPECT_EQ(formatted("{combined}", logged.entry), common(logged.entry) + " \"5\"");
  EXPECT_EQ(formatted("<{common}>", logged.entry), "<" + common(logged.entry) + ">");
  EXPECT_EQ(formatted("{/trace/id} {/x}", logged.entry), "- -");
}

TEST(LogFormat, KeepsWhatItDoesNotKnow) {
  const Logged logged({.name = "www.test"});
  EXPECT_EQ(formatted("{when} {{name}} } {name", logged.entry), "{when} {www.test.} } {name");
  EXPECT_EQ(formatted("", logged.entry), "");
}

// Counts of a response, and its one record without class, time to live and data.
struct Answer {
  std::uint16_t rcode;
  std::uint16_t answers;
  std::uint16_t authorities;
  std::uint16_t type;
};

Octets response_with(const Answer& answer) {
  Octets response = {0, 1, 0x81, static_cast<std::uint8_t>(0x80 | answer.rcode), 0, 1};
  for (const std::uint16_t count : {answer.answers, answer.authorities, std::uint16_t{0}}) {
    response.insert(response.end(), {0, static_cast<std::uint8_t>(count)});
  }
  response.insert(response.end(), {1, 'a', 0, 0, 1, 0, 1});
  response.insert(response.end(), {0xc0, 12, 0, static_cast<std::uint8_t>(answer.type)});
  return response;
}

TEST(QueryLog, ClassesTellAnswersApart) {
  const auto wanted_by = [](const LogClasses& classes, const Answer& answer) {
    return QueryLog({.zones = {DomainName()}, .classes = classes}).wants(response_with(answer));
  };
  const LogClasses success{.success = true, .denial = false, .error = false};
  const LogClasses denial{.success = false, .denial = true, .error = false};
  const LogClasses error{.success = false, .denial = false, .error = true};
  constexpr Answer kData{0, 1, 0, 1};
  constexpr Answer kDelegation{0, 0, 1, 2};
  constexpr Answer kNoData{0, 0, 1, 6};
  constexpr Answer kNxDomain{3, 0, 1, 6};
  constexpr Answer kServFail{2, 0, 0, 0};
  EXPECT_TRUE(wanted_by(success, kData) && wanted_by(success, kDelegation));
  EXPECT_FALSE(wanted_by(success, kNoData) || wanted_by(success, kNxDomain) || wanted_by(success, kServFail));
  EXPECT_TRUE(wanted_by(denial, kNoData) && wanted_by(denial, kNxDomain));
  EXPECT_FALSE(wanted_by(denial, kData) || wanted_by(denial, kDelegation) || wanted_by(denial, kServFail));
  EXPECT_TRUE(wanted_by(error, kServFail));
  EXPECT_FALSE(wanted_by(error, kData) || wanted_by(error, kNxDomain) || wanted_by(error, kNoData));
}

}  // namespace
}  // namespace meshdns::server
