// What `status` and `validate` say about a host that is as planned, and about one that is not.
#include <algorithm>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/netns/backends.hpp"
#include "tests/netns/greeter.hpp"
#include "tests/netns/redirect_fixture.hpp"

namespace meshdns::testing {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class StatusOn : public RedirectFixture, public ::testing::WithParamInterface<Backend> {
 protected:
  void SetUp() override {
    RedirectFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    if (const auto reason = GetParam().unavailable()) {
      GTEST_SKIP() << *reason;
    }
    std::vector<std::string> words = {"install", "--kuma-dp-user", std::to_string(kKumaDp),
                                      "--redirect-all-dns-traffic"};
    const std::vector<std::string> flags = GetParam().flags();
    words.insert(words.end(), flags.begin(), flags.end());
    const Finished run = redirect(words);
    ASSERT_EQ(run.exit_code, 0) << run.err;
  }

  json::object status(std::vector<std::string> flags = {}) const {
    flags.insert(flags.begin(), {"status", "--output", "json"});
    const Finished run = redirect(flags);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return json::parse(run.out).as_object();
  }

  static std::size_t rules_in_state(const json::object& status, std::string_view state) {
    const json::array& rules = status.at("rules").as_array();
    return static_cast<std::size_t>(std::ranges::count_if(
        rules, [&](const json::value& rule) { return rule.at("state").as_string() == state; }));
  }
};

TEST_P(StatusOn, OfAnInstallIsAsPlanned) {
  const json::object found = status();
  EXPECT_TRUE(found.at("installed").as_bool());
  EXPECT_EQ(found.at("backend").as_string(), GetParam().name);
  EXPECT_TRUE(found.at("asPlanned").as_bool());
  EXPECT_EQ(found.at("exemptUid").to_number<int>(), 5678);
  EXPECT_TRUE(found.at("passthroughAddress").as_bool());
  EXPECT_GT(rules_in_state(found, "present"), 10U);
  EXPECT_THAT(redirect({"status"}).out,
              StartsWith(fmt::format("installed through {}, as planned\n", GetParam().name)));
}

TEST_P(StatusOn, NamesRulesThatAreGoneOrNotOurs) {
  if (GetParam().is_iptables()) {
    run_script(
        fmt::format("iptables-{0} -t raw -F PREROUTING\n"
                    "iptables-{0} -t nat -I KUMA_MESH_INBOUND -p tcp --dport 77 -j RETURN\n",
                    GetParam().suffix));
  } else {
    nft("flush chain inet meshdns dns_zone\nadd rule inet meshdns mesh_inbound tcp dport 77 return\n");
  }
  const json::object found = status();
  EXPECT_FALSE(found.at("asPlanned").as_bool());
  EXPECT_EQ(rules_in_state(found, "missing"), 1U);
  EXPECT_EQ(rules_in_state(found, "unexpected"), 1U);
  EXPECT_THAT(redirect({"status"}).out, AllOf(HasSubstr("not as planned"), HasSubstr("\nmissing ")));
}

TEST_P(StatusOn, SaysWhetherAQuestionOfAnotherUserIsCaptured) {
  json::object probe = status({"--probe"}).at("probe").as_object();
  EXPECT_TRUE(probe.at("captured").as_bool());
  // meshdns does not run. Across the zones of Kuma's rules the news of it does not find the way back.
  EXPECT_EQ(probe.at("outcome").as_string(), GetParam().is_iptables() ? "no answer within 2 s" : "refused");
  const TaggedServer meshdns(
      {.tag = "1.1.1.1", .listen = {"127.0.0.1"}, .port = 15053, .prepare = [] { return become(kKumaDp); }});
  probe = status({"--probe"}).at("probe").as_object();
  EXPECT_TRUE(probe.at("captured").as_bool());
  EXPECT_TRUE(probe.at("answered").as_bool());
}

TEST_P(StatusOn, WarnsOfListenersThatAreMissingOrRunAsAnotherUser) {
  EXPECT_THAT(redirect({"status"}).out, HasSubstr("nothing listens on port 15006"));
  const Greeter wrong({.name = "wrong", .port = 15006, .prepare = [] { return become(kApp); }});
  const Greeter right({.name = "right", .port = 15001, .prepare = [] { return become(kKumaDp); }});
  EXPECT_THAT(
      redirect({"status"}).out,
      AllOf(Not(HasSubstr("nothing listens on port 15006")), Not(HasSubstr("nothing listens on port 15001")),
            HasSubstr("0.0.0.0:15006 is served by UID 6001"), Not(HasSubstr("0.0.0.0:15001 is served by"))));
}

TEST_P(StatusOn, WarnsOfALocalCacheWhoseQuestionsComeBack) {
  const TaggedServer cache({.tag = "5.5.5.5", .listen = {"127.0.0.53"}, .prepare = {}});
  EXPECT_THAT(redirect({"status"}).out,
              HasSubstr("at 127.0.0.53:53 runs as UID 0, whose questions are redirected"));
}

TEST_P(StatusOn, KnowsThatTheRulesWereSweptAway) {
  run_script("nft flush ruleset");
  if (GetParam().suffix == "legacy") {
    run_script(
        "for t in raw nat; do for p in iptables ip6tables; do $p-legacy -t $t -F; $p-legacy -t $t -X; done; "
        "done");
  }
  EXPECT_THAT(redirect({"status"}).out,
              AllOf(StartsWith("not installed\n"), HasSubstr("are gone: install again")));
}

TEST_P(StatusOn, IsConfirmedByValidate) {
  const Finished good = redirect_without_state({"validate", "--kuma-dp-user", std::to_string(kKumaDp)});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(good.out, "# inbound IPv4 and IPv6 traffic is redirected\n");
  std::vector<std::string> words = {"uninstall"};
  const std::vector<std::string> programs = GetParam().program_flags();
  words.insert(words.end(), programs.begin(), programs.end());
  ASSERT_EQ(redirect(words).exit_code, 0);
  const Greeter taken({.name = "taken", .port = 15006, .prepare = nullptr});
  const Finished bad =
      redirect_without_state({"install", "transparent-proxy-validator", "--kuma-dp-user", "1"});
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_EQ(bad.err, "Error: cannot listen on 127.0.0.1 port 15006: Address already in use\n");
}

INSTANTIATE_TEST_SUITE_P(Backends, StatusOn, ::testing::ValuesIn(all_backends()), name_of_backend);

using StatusOfNothing = RedirectFixture;

TEST_F(StatusOfNothing, SaysSo) {
  EXPECT_EQ(redirect({"status"}).out, "not installed\n");
}

TEST_F(StatusOfNothing, DoesNotValidate) {
  const Finished run =
      redirect_without_state({"validate", "--kuma-dp-user", "1", "--ip-family-mode", "ipv4"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(
      run.err,
      "Error: a connection to 127.0.0.6 did not arrive at 127.0.0.1 port 15006: IPv4 inbound traffic is not "
      "redirected\n");
}

}  // namespace
}  // namespace meshdns::testing
