#include "dns/plugin/rewrite_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/wire/presentation.hpp"
#include "tests/dns/plugin/asked.hpp"
#include "tests/support/made_reply.hpp"

namespace meshdns::plugin {
namespace {

using test::Asked;
using test::MadeReply;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = NameMatch::Kind;
using Subject = RewriteOptions::Subject;

RewriteOptions name_rule(Kind kind, std::string from, std::string to, bool answer_auto = true) {
  return {.match = {kind, std::move(from)}, .name = std::move(to), .answer_auto = answer_auto};
}

// What a client sees that asks `query` through these rules and an upstream that replies `reply`.
struct Seen {
  std::string asked;  // "b.test. A", empty: the query stayed as it was
  std::optional<test::Reply> reply;
};

Seen see(const std::vector<RewriteOptions>& rules, const test::QuerySpec& query,
         const MadeReply& reply = {}) {
  const auto made = RewriteRules::make(rules);
  if (!made) {
    ADD_FAILURE() << made.error().what;
    return {};
  }
  const Asked asked(query);
  const auto rewritten = (*made)->rewrite(asked.view);
  if (!rewritten) {
    return {};
  }
  wire::QueryView other;
  if (wire::parse_query(rewritten->query(), other) != wire::QueryVerdict::Ok) {
    return {"a broken query", std::nullopt};
  }
  return {wire::name_text(other.qname()) + " " + wire::type_text(other.qtype),
          test::read_reply(rewritten->restore(test::make_reply(other.packet, reply)))};
}

TEST(RewriteRules, LeavesOtherQueriesAlone) {
  EXPECT_EQ(see({name_rule(Kind::Exact, "a.example.", "b.test.")}, {.name = "b.example"}).asked, "");
}

TEST(RewriteRules, GivesTheClientItsOwnNameBack) {
  const Seen seen = see({name_rule(Kind::Exact, "a.example.", "b.test.")}, {.name = "A.Example"},
                        {.answer = {"b.test. 60 IN CNAME c.b.test.", "c.b.test. 60 IN CNAME d.other.",
                                    "d.other. 60 IN A 10.0.0.1"},
                         .authority = {"test. 60 IN NS ns.test."},
                         .flags = 0x80A0});
  EXPECT_EQ(seen.asked, "b.test. A");
  ASSERT_TRUE(seen.reply);
  EXPECT_EQ(seen.reply->question, "A.Example. IN A");
  EXPECT_THAT(seen.reply->answer,
              ElementsAre("A.Example. 60 IN CNAME c.A.Example.", "c.A.Example. 60 IN CNAME d.other.",
                          "d.other. 60 IN A 10.0.0.1"));
  EXPECT_THAT(seen.reply->authority, ElementsAre("test. 60 IN NS ns.test."));
  EXPECT_FALSE(seen.reply->ad) << "nobody has checked these names";
}

TEST(RewriteRules, LeavesOwnersAsTheyAreWithoutAnAnswerRule) {
  const Seen seen = see({name_rule(Kind::Prefix, "a", "b", false)}, {.name = "a.test"},
                        {.answer = {"b.test. 60 IN A 10.0.0.1"}});
  ASSERT_TRUE(seen.reply);
  EXPECT_EQ(seen.reply->question, "a.test. IN A");
  EXPECT_THAT(seen.reply->answer, ElementsAre("b.test. 60 IN A 10.0.0.1"));
}

TEST(RewriteRules, ASuffixComesBackInEveryName) {
  const Seen seen =
      see({name_rule(Kind::Suffix, ".example.", ".test.")}, {.name = "a.example", .type = "MX"},
          {.answer = {"a.test. 60 IN MX 10 mail.test."}, .additional = {"mail.test. 60 IN A 10.0.0.1"}});
  EXPECT_EQ(seen.asked, "a.test. MX");
  ASSERT_TRUE(seen.reply);
  EXPECT_THAT(seen.reply->answer, ElementsAre("a.example. 60 IN MX 10 mail.example."));
  EXPECT_THAT(seen.reply->additional, ElementsAre("mail.example. 60 IN A 10.0.0.1"));
}

TEST(RewriteRules, ChangesOwnersAndDataByExpression) {
  RewriteOptions rule = name_rule(Kind::Regex, R"((.*)\.example\.)", "{1}.svc.test", false);
  rule.answers = {{.is_value = false, .pattern = R"((.*)\.svc\.test\.)", .replacement = "{1}.example"},
                  {.is_value = true, .pattern = R"((.*)\.svc\.test\.)", .replacement = "{1}.example"}};
  const Seen seen = see({rule}, {.name = "_x._tcp.a.example", .type = "SRV"},
                        {.answer = {"_x._tcp.a.svc.test. 60 IN SRV 1 2 80 b.svc.test."}});
  EXPECT_EQ(seen.asked, "_x._tcp.a.svc.test. SRV");
  ASSERT_TRUE(seen.reply);
  EXPECT_THAT(seen.reply->answer, ElementsAre("_x._tcp.a.example. 60 IN SRV 1 2 80 b.example."));
}

TEST(RewriteRules, StopsAtTheFirstUnlessItContinues) {
  RewriteOptions first = name_rule(Kind::Exact, "a.example.", "b.example.");
  const RewriteOptions second = name_rule(Kind::Exact, "b.example.", "c.example.");
  EXPECT_EQ(see({first, second}, {.name = "a.example"}).asked, "b.example. A");
  first.continues = true;
  const Seen seen = see({first, second}, {.name = "a.example"}, {.answer = {"c.example. 60 IN A 10.0.0.1"}});
  EXPECT_EQ(seen.asked, "c.example. A");
  ASSERT_TRUE(seen.reply);
  EXPECT_THAT(seen.reply->answer, ElementsAre("a.example. 60 IN A 10.0.0.1"));
}

TEST(RewriteRules, AsksAnotherTypeOrClass) {
  const RewriteOptions type{.subject = Subject::Type, .from = wire::type::ANY, .to = wire::type::HINFO};
  const Seen seen = see({type}, {.name = "A.example", .type = "ANY"});
  EXPECT_EQ(seen.asked, "A.example. HINFO") << "the letter case of a name that stays is kept";
  ASSERT_TRUE(seen.reply);
  EXPECT_EQ(seen.reply->question, "A.example. IN ANY");

  const RewriteOptions qclass{.subject = Subject::Class, .from = wire::klass::CH, .to = wire::klass::IN};
  const Seen other = see({qclass}, {.name = "a.example", .qclass = wire::klass::CH});
  ASSERT_TRUE(other.reply);
  EXPECT_EQ(other.reply->question, "a.example. CH A");
}

TEST(RewriteRules, BringsTtlsIntoARange) {
  const RewriteOptions rule{
      .subject = Subject::Ttl, .match = {Kind::Suffix, "example."}, .from = 30, .to = 300};
  const Seen seen = see({rule}, {.name = "a.example", .edns_size = 1232, .dnssec_ok = true},
                        {.answer = {"a.example. 5 IN A 10.0.0.1", "a.example. 60 IN A 10.0.0.2"},
                         .authority = {"example. 9999 IN NS ns.example."},
                         .with_opt = true});
  ASSERT_TRUE(seen.reply);
  EXPECT_THAT(seen.reply->answer, ElementsAre("a.example. 30 IN A 10.0.0.1", "a.example. 60 IN A 10.0.0.2"));
  EXPECT_THAT(seen.reply->authority, ElementsAre("example. 300 IN NS ns.example."));
  EXPECT_TRUE(seen.reply->has_opt);
  EXPECT_EQ(seen.reply->rcode, "NOERROR") << "the TTL of an OPT is something else";
}

TEST(RewriteRules, ChangesOneCodeIntoAnother) {
  const RewriteOptions rule{
      .subject = Subject::Rcode, .match = {Kind::Exact, "a.example."}, .from = 2, .to = 3};
  EXPECT_EQ(see({rule}, {.name = "a.example"}, {.flags = 0x8082}).reply->rcode, "NXDOMAIN");
  EXPECT_EQ(see({rule}, {.name = "a.example"}, {.flags = 0x8085}).reply->rcode, "REFUSED");
}

TEST(RewriteRules, ANameThatCannotBeWrittenGivesNoQuery) {
  const RewriteOptions rule = name_rule(Kind::Prefix, "a", std::string(70, 'x'));
  EXPECT_EQ(see({rule}, {.name = "a.example"}).asked, "a broken query");
}

TEST(RewriteRules, AResponseThatCannotBeReadGivesNone) {
  const auto rules = RewriteRules::make({name_rule(Kind::Exact, "a.example.", "b.test.")});
  const Asked asked({.name = "a.example"});
  const auto rewritten = (*rules)->rewrite(asked.view);
  const test::Octets broken(5, 0xFF);
  EXPECT_THAT(rewritten->restore(broken), IsEmpty());
}

}  // namespace
}  // namespace meshdns::plugin
