#include "dns/plugin/special_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/plugin/chain_of.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;

BlockOptions block(const std::vector<std::string>& zones, const std::vector<std::string>& forwards = {}) {
  BlockOptions made;
  for (const std::string& zone : zones) {
    made.zones.push_back(DomainName::parse(zone).value());
  }
  for (const std::string& from : forwards) {
    made.forward.emplace_back().from = DomainName::parse(from).value();
  }
  return made;
}

// What is said where a query would be forwarded: "NXDOMAIN", records, "forward".
std::string before_forward(const BlockOptions& options, const std::string& name,
                           const std::string& type = "A") {
  const plugin::SpecialNames names(plugin::SpecialNames::Scope::NeverForwarded, options);
  const Octets packet = make_query({.name = name, .type = type});
  wire::QueryView query;
  EXPECT_EQ(wire::parse_query(packet, query), wire::QueryVerdict::Ok);
  Octets out(512);
  wire::ResponseWriter writer(query, out, out.size());
  if (names.answer(query, {}, writer).kind == plugin::Verdict::Kind::Pass) {
    return "forward";
  }
  const auto reply = read_reply({out.data(), writer.finish()}).value();
  EXPECT_TRUE(reply.aa && reply.ra);
  if (reply.answer.empty()) {
    EXPECT_EQ(reply.authority.size(), 1U) << name << ": a SOA";
    return (reply.rcode == "NOERROR" ? "NODATA " : reply.rcode + " ") +
           reply.authority.at(0).substr(0, reply.authority.at(0).find(' '));
  }
  return reply.answer.at(0);
}

TEST(SpecialNames, AreNeverForwarded) {
  const BlockOptions all = block({"."}, {"."});
  EXPECT_EQ(before_forward(all, "localhost"), "localhost. 604800 IN A 127.0.0.1");
  EXPECT_EQ(before_forward(all, "App.LocalHost", "AAAA"), "App.LocalHost. 604800 IN AAAA ::1");
  EXPECT_EQ(before_forward(all, "localhost", "MX"), "NODATA localhost.");
  EXPECT_EQ(before_forward(all, "localhost", "NS"), "localhost. 604800 IN NS localhost.");
  EXPECT_EQ(before_forward(all, "a.b.invalid"), "NXDOMAIN invalid.");
  EXPECT_EQ(before_forward(all, "expyuzz4wqqyqhjn.onion", "AAAA"), "NXDOMAIN onion.");
  EXPECT_EQ(before_forward(all, "printer.home.arpa"), "NXDOMAIN home.arpa.");
  EXPECT_EQ(before_forward(all, "home.arpa", "DS"), "forward") << "validators need it (RFC 8375)";
  EXPECT_EQ(before_forward(all, "1.0.0.127.in-addr.arpa", "PTR"),
            "1.0.0.127.in-addr.arpa. 604800 IN PTR localhost.");
  EXPECT_EQ(before_forward(all, "0.127.in-addr.arpa", "PTR"), "NODATA 127.in-addr.arpa.")
      << "names lie below";
  EXPECT_EQ(before_forward(all, "2.0.0.127.in-addr.arpa", "PTR"), "NXDOMAIN 127.in-addr.arpa.");
  EXPECT_EQ(before_forward(all, "0.0.0.0.in-addr.arpa", "PTR"), "NXDOMAIN 0.in-addr.arpa.");
  EXPECT_EQ(before_forward(all, "255.in-addr.arpa", "SOA"),
            "255.in-addr.arpa. 5 IN SOA localhost. nobody.invalid. 1 3600 1200 604800 5");
}

TEST(SpecialNames, AreWholeLabels) {
  const BlockOptions all = block({"."}, {"."});
  for (const char* name : {"notlocalhost", "localhost.example.org", "arpa", "home.arpa.example", "xhome.arpa",
                           "valid", "127.in-addr.arpa.example", "10.in-addr.arpa", "a\\009localhost", "."}) {
    EXPECT_EQ(before_forward(all, name), "forward") << name;
  }
}

TEST(SpecialNames, AreLeftAloneWhereTheBlockHasThemConfigured) {
  EXPECT_EQ(before_forward(block({"."}, {"home.arpa", "."}), "printer.home.arpa"), "forward");
  EXPECT_EQ(before_forward(block({"."}, {"lab.home.arpa", "."}), "a.lab.home.arpa"), "forward");
  EXPECT_EQ(before_forward(block({"."}, {"lab.home.arpa", "."}), "a.home.arpa"), "NXDOMAIN home.arpa.");
  EXPECT_EQ(before_forward(block({"onion"}, {"."}), "a.onion"), "forward");
}

TEST(Local, AnswersWhatIsThisHost) {
  const ChainOf local("local");
  EXPECT_THAT(local.ask({.name = "localhost"}).reply.answer, ElementsAre("localhost. 604800 IN A 127.0.0.1"));
  EXPECT_EQ(local.ask({.name = "a.localhost", .type = "AAAA"}).source, "local");
  EXPECT_THAT(local.ask({.name = "localhost.Example.org"}).reply.answer,
              ElementsAre("localhost.Example.org. 604800 IN A 127.0.0.1"));
  EXPECT_EQ(local.ask({.name = "localhost.example.org", .type = "TXT"}).outcome, "NODATA");
  EXPECT_TRUE(local.ask({.name = "localhosts.example.org"}).passes);
  EXPECT_TRUE(local.ask({.name = "a.onion"}).passes) << "that is for later";
}

TEST(Local, LeavesThePrefixIfToldSo) {
  const ChainOf local("local {\n localhost_prefix off\n}");
  EXPECT_TRUE(local.ask({.name = "localhost.example.org"}).passes);
  EXPECT_EQ(local.ask({.name = "x.localhost"}).outcome, "NOERROR");
  EXPECT_EQ(
      fault_of("local {\n localhost_prefix maybe\n}"),
      "plugin/local: Corefile:3 - Error during parsing: invalid localhost_prefix 'maybe', expected 'on' or "
      "'off'");
}

}  // namespace
}  // namespace meshdns::test
