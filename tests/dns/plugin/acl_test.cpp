#include "dns/plugin/acl.hpp"

#include <gtest/gtest.h>

#include "dns/wire/edns_options.hpp"
#include "tests/dns/plugin/asked.hpp"

namespace meshdns::plugin {
namespace {

using test::Asked;
using Action = AclRule::Action;

DomainName domain(std::string_view text) {
  return DomainName::parse(text).value();
}

IpRange net(std::string_view text) {
  return IpRange::parse(text).value();
}

// "pass", "drop", or the code and the extended error of the response: "REFUSED 15".
std::string outcome(const std::vector<AclOptions>& lists, const test::QuerySpec& query,
                    std::string_view client = "192.0.2.1") {
  const Acl acl(lists, {domain("example")});
  const Asked asked(query);
  std::array<std::uint8_t, 512> buffer{};
  wire::ResponseWriter writer(asked.view, buffer, buffer.size());
  const Verdict verdict = acl.answer(asked.view, {{.ip = IpAddress::parse(client).value()}}, writer);
  switch (verdict.kind) {
    case Verdict::Kind::Pass:
      return "pass";
    case Verdict::Kind::Drop:
      return "drop";
    default:
      break;
  }
  const std::span<const std::uint8_t> octets(buffer.data(), writer.finish());
  const auto reply = test::read_reply(octets);
  const auto error = wire::extended_error_of(wire::parse_reply(octets).value());
  return reply->rcode + (reply->answer.empty() ? "" : " with records") +
         (reply->has_opt ? " " + std::to_string(error.code) : "");
}

TEST(Acl, TheFirstLineThatFitsDecides) {
  const std::vector<AclOptions> lists = {{.zones = {},
                                          .rules = {{Action::Allow, {}, {net("192.0.2.0/24")}},
                                                    {Action::Block, {wire::type::ANY}, {}},
                                                    {Action::Filter, {wire::type::TXT, wire::type::AAAA}, {}},
                                                    {Action::Drop, {}, {net("198.51.100.0/24")}}}}};
  const test::QuerySpec any{.name = "a.example", .type = "ANY", .edns_size = 1232};
  EXPECT_EQ(outcome(lists, any, "192.0.2.1"), "pass");
  EXPECT_EQ(outcome(lists, any, "203.0.113.1"), "REFUSED 15");
  EXPECT_EQ(outcome(lists, any, "2001:db8::1"), "REFUSED 15") << "no net: every client";
  EXPECT_EQ(outcome(lists, {.name = "a.example", .type = "AAAA", .edns_size = 1232}, "203.0.113.1"),
            "NOERROR 17");
  EXPECT_EQ(outcome(lists, {.name = "a.example"}, "198.51.100.7"), "drop");
  EXPECT_EQ(outcome(lists, {.name = "a.example"}, "::ffff:198.51.100.7"), "drop");
  EXPECT_EQ(outcome(lists, {.name = "a.example"}, "203.0.113.1"), "pass");
}

TEST(Acl, ClientsWithoutOptGetNone) {
  const std::vector<AclOptions> lists = {{.zones = {}, .rules = {{Action::Block, {}, {}}}}};
  EXPECT_EQ(outcome(lists, {.name = "a.example"}), "REFUSED");
}

TEST(Acl, EveryListHasItsZones) {
  const std::vector<AclOptions> lists = {
      {.zones = {domain("inner.example")}, .rules = {{Action::Allow, {}, {}}}},
      {.zones = {}, .rules = {{Action::Drop, {}, {}}}}};
  EXPECT_EQ(outcome(lists, {.name = "A.Inner.Example"}), "pass");
  EXPECT_EQ(outcome(lists, {.name = "a.example"}), "drop") << "those of the block, where none is written";
  EXPECT_EQ(outcome(lists, {.name = "a.test"}), "pass");
}

}  // namespace
}  // namespace meshdns::plugin
