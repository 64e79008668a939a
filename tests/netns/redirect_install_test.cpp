// Installing and uninstalling: whole or not at all, ours only, and sayable in one line when it cannot be
// done.
#include <cstdint>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nftables/libnftables.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <meshdns/redirect.hpp>

#include "redirect/backend/nftables_backend.hpp"
#include "redirect/plan/nftables_plan.hpp"
#include "tests/netns/redirect_fixture.hpp"

namespace meshdns::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kMeshdns = "1.1.1.1";

RedirectSpec spec_of_all_dns_traffic() {
  RedirectSpec spec;
  spec.backend = RedirectSpec::Backend::Nftables;
  spec.exempt_uid = kKumaDp;
  spec.inbound.enabled = false;
  spec.outbound.enabled = false;
  spec.dns.enabled = true;
  spec.dns.all_traffic = true;
  return spec;
}

// All rules of the host, counters left out.
std::string ruleset() {
  return run_program({"nft", "--stateless", "list", "ruleset"}).out;
}

void expect_one_line_error(const Finished& run, const std::string& text) {
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "Error: " + text + "\n");
}

using RedirectInstall = RedirectFixture;

TEST_F(RedirectInstall, TenTimesLeavesOneTable) {
  install({"10.77.0.2"});
  const std::string once = ruleset();
  for (int time = 0; time < 9; ++time) {
    install({"10.77.0.2"});
  }
  EXPECT_EQ(ruleset(), once);
  EXPECT_EQ(run_program({"nft", "list", "tables"}).out, "table inet meshdns\n");
}

TEST_F(RedirectInstall, ReplacesTheRulesOfAnEarlierOne) {
  install({"10.77.0.2", "fd77::2"});
  install({"10.77.0.3"}, {"--redirect-dns-port", "16053"});
  const std::string rules = redirect({"status"}).out;
  EXPECT_THAT(rules, HasSubstr("10.77.0.3"));
  EXPECT_THAT(rules, HasSubstr("redirect to :16053"));
  EXPECT_THAT(rules, ::testing::Not(HasSubstr("10.77.0.2")));
  EXPECT_THAT(rules, ::testing::Not(HasSubstr("ip6")));
}

TEST_F(RedirectInstall, AndUninstallLeaveTheRulesOfOthersAsTheyWere) {
  nft("table inet other { chain out { type filter hook output priority 0; policy accept; udp dport 53 "
      "accept; }\n}\n"
      "table ip nat { chain OUTPUT { type nat hook output priority -100; policy accept; }\n}\n");
  const std::string before = ruleset();
  install({"10.77.0.2"});
  EXPECT_TRUE(ruleset().starts_with(before));
  EXPECT_EQ(redirect({"uninstall"}).exit_code, 0);
  EXPECT_EQ(ruleset(), before);
}

TEST_F(RedirectInstall, CanBeTakenBackTwiceAndWithoutKnowingTheUser) {
  install({"10.77.0.2"});
  for (int time = 0; time < 2; ++time) {
    const Finished run = redirect({"uninstall"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out + run.err, IsEmpty());
    EXPECT_THAT(ruleset(), IsEmpty());
  }
}

TEST_F(RedirectInstall, ByDryRunChangesNothing) {
  install({"10.77.0.2"}, {"--dry-run"});
  EXPECT_THAT(ruleset(), IsEmpty());
}

TEST_F(RedirectInstall, UnderLoadAnswersEveryQuestion) {
  const TaggedServer meshdns({.tag = kMeshdns, .listen = {"127.0.0.1", "::1"}, .port = 15053, .prepare = [] {
                                return become(kKumaDp);
                              }});
  ASSERT_TRUE(install_redirect(spec_of_all_dns_traffic()).has_value());
  ChildProcess installer([](const ChildProcess::Ready& ready) {
    ready();
    for (int time = 0; time < 100; ++time) {
      if (!install_redirect(spec_of_all_dns_traffic())) {
        _exit(1);
      }
    }
  });
  watch_cable();
  int asked = 0;
  while (installer.is_running()) {
    for (const bool tcp : {false, true}) {
      ASSERT_EQ(app().ask({.server = "10.77.0.2", .tcp = tcp}).answer, kMeshdns);
      ASSERT_EQ(app().ask({.server = "fd77::2", .tcp = tcp}).answer, kMeshdns);
      ASSERT_EQ(app().ask({.server = "10.77.0.2", .connected = false, .keep = 1}).answer, kMeshdns);
    }
    ++asked;
  }
  EXPECT_GT(asked, 0);
  EXPECT_EQ(packets_of(kApp), 0U);
}

TEST_F(RedirectInstall, ThatTheKernelRefusesLeavesTheEarlierRules) {
  install({"10.77.0.2"});
  const std::string before = ruleset();
  redirect::Plan refused = redirect::nftables_plan(spec_of_all_dns_traffic()).value();
  // Below -200 there is no NAT: conntrack has not seen the packet yet.
  refused.tables[0].chains.back().priority = -300;
  const auto applied = redirect::apply_nftables(refused);
  ASSERT_FALSE(applied.has_value());
  EXPECT_EQ(applied.error().code, Errc::Unsupported);
  EXPECT_THAT(applied.error().what,
              HasSubstr("nftables refused (Could not process rule: Operation not supported)"));
  EXPECT_EQ(ruleset(), before);
}

TEST_F(RedirectInstall, WithoutPrivilegeSaysSoAndLeavesTheEarlierRules) {
  install({"10.77.0.2"});
  const std::string before = ruleset();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"install", "--kuma-dp-user", "1", "--redirect-all-dns-traffic"},
        {"uninstall"},
        {"status"}}) {
    std::vector<std::string> command = arguments;
    command.insert(command.begin(), MESHDNS_REDIRECT_BINARY);
    expect_one_line_error(run_program(command, [] { return become(kApp); }),
                          "the rules of this host need CAP_NET_ADMIN: run this as root");
  }
  EXPECT_EQ(ruleset(), before);
}

TEST_F(RedirectInstall, OverATableThatAnotherProgramOwnsIsRefused) {
  const ChildProcess owner([](const ChildProcess::Ready& ready) {
    nft_ctx* context = nft_ctx_new(NFT_CTX_DEFAULT);
    if (nft_run_cmd_from_buffer(context, "table inet meshdns { flags owner; }") == 0) {
      ready();
      pause();
    }
  });
  const std::string before = ruleset();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"install", "--kuma-dp-user", "1", "--redirect-all-dns-traffic"},
        {"uninstall"}}) {
    const Finished run = redirect(arguments);
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_THAT(run.err, HasSubstr("another program owns the table inet meshdns"));
    EXPECT_EQ(ruleset(), before);
  }
}

TEST_F(RedirectInstall, WorksThroughTheLibrary) {
  EXPECT_FALSE(redirect_status()->installed);
  EXPECT_TRUE(uninstall_redirect().has_value());
  ASSERT_TRUE(install_redirect(spec_of_all_dns_traffic()).has_value());
  const RedirectStatus status = redirect_status().value();
  EXPECT_TRUE(status.installed);
  EXPECT_THAT(status.rules, HasSubstr("meta skuid != 5678"));
  RedirectSpec nothing = spec_of_all_dns_traffic();
  nothing.dns.enabled = false;
  EXPECT_EQ(install_redirect(nothing).error().code, Errc::InvalidConfig);
  EXPECT_EQ(redirect_status()->rules, status.rules) << "a spec that cannot be planned changes nothing";
  EXPECT_TRUE(uninstall_redirect().has_value());
  EXPECT_FALSE(redirect_status()->installed);
  EXPECT_THAT(redirect_status()->rules, IsEmpty());
}

TEST_F(RedirectInstall, IsSeenByTheLibraryWhateverTheBackend) {
  for (const auto& [backend, name] : {std::pair{RedirectSpec::Backend::Nftables, "nftables"},
                                      {RedirectSpec::Backend::Iptables, "iptables-nft"}}) {
    RedirectSpec spec = spec_of_all_dns_traffic();
    spec.backend = backend;
    ASSERT_TRUE(install_redirect(spec).has_value());
    RedirectStatus status = redirect_status().value();
    EXPECT_TRUE(status.installed);
    EXPECT_EQ(status.backend, name);
    EXPECT_TRUE(status.as_planned);
    EXPECT_THAT(status.rules, HasSubstr("present [0] "));
    run_script(backend == RedirectSpec::Backend::Nftables ? "nft flush chain inet meshdns dns_zone"
                                                          : "iptables-nft -t raw -F");
    status = redirect_status().value();
    EXPECT_FALSE(status.as_planned);
    EXPECT_THAT(status.rules, HasSubstr("missing [0] "));
    EXPECT_TRUE(uninstall_redirect().has_value());
    EXPECT_FALSE(redirect_status()->installed);
  }
}

// The user that is spared when none is named, on a host with just these users.
Finished dry_run_with_users(const std::string& passwd_file) {
  return run_program({MESHDNS_REDIRECT_BINARY, "install", "--redirect-all-dns-traffic", "--dry-run"}, [&] {
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount(passwd_file.c_str(), "/etc/passwd", nullptr, MS_BIND, nullptr) == 0;
  });
}

TEST_F(RedirectInstall, FindsTheUserToSpareAsKumactlDoes) {
  const std::string by_uid = "mesh:x:5678:5678::/:/bin/false\n";
  const std::string by_name = "kuma-dp:x:4321:4321::/:/bin/false\n";
  EXPECT_THAT(dry_run_with_users(folder().file("both", by_name + by_uid)).out, HasSubstr("skuid != 5678"));
  EXPECT_THAT(dry_run_with_users(folder().file("name", by_name)).out, HasSubstr("skuid != 4321"));
  expect_one_line_error(dry_run_with_users(folder().file("none", "")),
                        "no UID or username provided, and user with the default UID ('5678') or username "
                        "('kuma-dp') could not be "
                        "found: name the user that runs kuma-dp and meshdns with --kuma-dp-user");
}

}  // namespace
}  // namespace meshdns::testing
