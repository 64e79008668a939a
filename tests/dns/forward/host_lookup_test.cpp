#include "dns/forward/host_lookup.hpp"

#include <gmock/gmock.h>

#include "dns/forward/forward_plan.hpp"
#include "dns/wire/message.hpp"
#include "tests/support/scripted_upstream.hpp"

namespace meshdns::forward {
namespace {

using support::Bytes;
using support::make_reply;
using support::Reaction;
using support::ScriptedUpstream;
using support::SeenQuery;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

DomainName name(std::string_view text) {
  return *DomainName::parse(text);
}

std::vector<std::string> texts(const Result<std::vector<IpAddress>>& addresses) {
  std::vector<std::string> texts;
  for (const IpAddress& address : addresses.value()) {
    texts.push_back(address.to_string());
  }
  return texts;
}

// A CNAME, then two addresses; ::1 for AAAA.
Reaction answer_both(const SeenQuery& query) {
  if (query.question().ends_with(" 1")) {
    Bytes reply = make_reply(query, 2);
    const Bytes cname{0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 12};
    reply.insert(reply.begin() + 12 + static_cast<long>(query.question_size()), cname.begin(), cname.end());
    reply[7] = 3;
    return {.messages = {reply}};
  }
  Bytes reply = make_reply(query, 0);
  const Bytes record{0xc0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16, 0, 0,
                     0,    0,  0, 0,  0, 0, 0, 0, 0, 0,  0, 0,  0, 1};
  reply.insert(reply.end(), record.begin(), record.end());
  reply[7] = 1;
  return {.messages = {reply}};
}

TEST(HostLookup, FindsTheAddressesOfBothFamilies) {
  ScriptedUpstream resolver(answer_both);
  EXPECT_THAT(texts(look_up_host(name("dns.example.org"), {{resolver.address()}})),
              ElementsAre("10.0.0.0", "10.0.0.1", "::1"));
  EXPECT_THAT(resolver.questions(), ElementsAre("dns.example.org 1", "dns.example.org 28"));
}

TEST(HostLookup, AsksTheNextResolver) {
  ScriptedUpstream resolver(answer_both);
  EXPECT_EQ(look_up_host(name("dns.example.org"), {{support::closed_port(), resolver.address()}})->size(),
            3U);
}

TEST(HostLookup, SaysWhyThereIsNoAddress) {
  ScriptedUpstream resolver(support::fail_with(wire::rcode::NXDomain));
  EXPECT_EQ(look_up_host(name("dns.example.org"), {{resolver.address()}}).error().what, "it has no address");
  EXPECT_THAT(look_up_host(name("dns.example.org"), {{support::closed_port()}}).error().what,
              HasSubstr("connection refused"));
  EXPECT_EQ(look_up_host(name("dns.example.org"), {}).error().what, "no upstream");
}

TEST(HostLookup, GivesAPlanItsUpstreams) {
  ScriptedUpstream resolver(answer_both);
  ForwardOptions forward{.to = {UpstreamHost{.name = name("dns.example.org"), .port = 5353}},
                         .resolvers = {resolver.address()},
                         .where = {.file = "Corefile", .line = 3}};
  const auto plan = make_forward_plan({.blocks = {{.forward = {forward}}}}, {});
  ASSERT_TRUE(plan) << plan.error().what;
  ASSERT_EQ(plan->pools[0].upstreams.size(), 3U);
  EXPECT_EQ(plan->pools[0].upstreams[2].address.to_string(), "[::1]:5353");

  resolver.follow(support::fail_with(wire::rcode::NXDomain));
  EXPECT_EQ(make_forward_plan({.blocks = {{.forward = {forward}}}}, {}).error().what,
            "Corefile:3: cannot look up upstream 'dns.example.org': it has no address");
}

}  // namespace
}  // namespace meshdns::forward
