// What kumactl left on a host, with and without comments: it goes when told to, and nothing else does.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "tests/netns/install_on.hpp"

namespace meshdns::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class AfterKumactl : public InstallOn {
 protected:
  // The same rules under its own words, or without comments.
  void install_as_kumactl(bool with_comments, const std::vector<std::string>& flags = {}) const {
    std::vector<std::string> words = flags;
    words.insert(words.end(), {"--dry-run", fmt::format("--disable-comments={}", !with_comments)});
    const Finished plan = redirect(install_words(words));
    ASSERT_EQ(plan.exit_code, 0) << plan.err;
    std::string text = plan.out;
    for (std::size_t at = text.find("meshdns: "); at != std::string::npos; at = text.find("meshdns: ")) {
      text.erase(at, std::string("meshdns: ").size());
    }
    // One kind of rules is not kumactl's.
    const std::string ours = " --dport 53 -j CT --zone 2\n";
    for (std::size_t end = text.find(ours); end != std::string::npos; end = text.find(ours, end + 1)) {
      const std::size_t start = text.rfind('\n', end) + 1;
      if (text.compare(start, 17, "-A PREROUTING -i ") == 0) {
        text.erase(start, end + ours.size() - start);
        end = start;
      }
    }
    const std::size_t v6 = text.find("### IPv6 ###");
    restore("iptables", text.substr(0, v6));
    restore("ip6tables", text.substr(v6));
  }

  static void restore(const std::string& family, const std::string& text) {
    run_script(fmt::format("{}-{}-restore --noflush <<'END'\n{}\nEND\n", family, GetParam().suffix, text));
  }

  static void iptables(const std::string& words) {
    run_script(fmt::format("iptables-{0} {1}\nip6tables-{0} {1}\n", GetParam().suffix, words));
  }

  std::string resolvers() const {
    return folder().file("servers", "nameserver 10.77.0.2\nnameserver 127.0.0.53\nnameserver fd77::2\n");
  }
};

TEST_P(AfterKumactl, ItsRulesAreLeftUntilToldOtherwise) {
  for (const bool with_comments : {true, false}) {
    add_rule_of_others("A", "1001");
    const std::string before = rules();
    install_as_kumactl(with_comments);
    const std::string kumactls = rules();
    EXPECT_NE(kumactls, before);
    const Finished run = uninstall();
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.err, HasSubstr("rules of kumactl are left, remove them with --also-kumactl"));
    EXPECT_EQ(rules(), kumactls);
    EXPECT_THAT(uninstall({"--also-kumactl"}).err, IsEmpty());
    EXPECT_EQ(rules(), before);
  }
}

TEST_P(AfterKumactl, OursTakeThePlaceOfItsRules) {
  add_rule_of_others("A", "1001");
  const std::string before = rules();
  install_all();
  const std::string ours = rules();
  ASSERT_EQ(uninstall().exit_code, 0);
  for (const bool with_comments : {true, false}) {
    install_as_kumactl(with_comments);
    install_all();
    EXPECT_EQ(rules(), ours);
    EXPECT_EQ(uninstall().exit_code, 0);
    EXPECT_EQ(rules(), before);
    // From Kuma's iptables to nftables.
    install_as_kumactl(with_comments);
    ASSERT_EQ(redirect({"install", "--kuma-dp-user", "1", "--backend", "nftables"}).exit_code, 0);
    EXPECT_EQ(rules(), before);
    EXPECT_EQ(uninstall().exit_code, 0);
  }
}

// Every option that makes rules outside of its own chains, in each of the forms that releases gave them.
TEST_P(AfterKumactl, ItsRulesWithoutCommentsAreKnownAmongOthersOfTheSameKind) {
  const std::vector<std::string> everything = {"--iptables-logs",
                                               "--vnet",
                                               "br+:172.18.0.0/16",
                                               "--vnet",
                                               "docker0:fd18::/64",
                                               "--exclude-outbound-ports-for-uids",
                                               "106-108",
                                               "--exclude-outbound-ports-for-uids",
                                               "tcp:80,3000-5000:33",
                                               "--exclude-outbound-ips",
                                               "10.9.0.0/16,fd99::/64"};
  const std::vector<std::string> some_servers = {"--redirect-all-dns-traffic=false", "--redirect-dns",
                                                 "--resolv-conf", resolvers()};
  for (const std::vector<std::string>& dns :
       {std::vector<std::string>{}, {"--redirect-tcp-dns=false"}, some_servers}) {
    std::vector<std::string> flags = everything;
    flags.insert(flags.end(), dns.begin(), dns.end());
    // What others wrote before kumactl came, and ...
    iptables("-t nat -A OUTPUT -p udp --dport 53 -j REDIRECT --to-ports 5353");
    iptables("-t nat -A OUTPUT -p tcp -m multiport --dports 80,443 -m owner --uid-owner 33 -j RETURN");
    iptables("-t nat -A PREROUTING -i br+ -p udp --dport 53 -j REDIRECT --to-ports 15053");
    iptables("-t raw -A OUTPUT -p udp --sport 15053 -m owner --uid-owner 7 -j CT --zone 2");
    const std::string before = rules();
    install_as_kumactl(false, flags);
    // ... after it.
    iptables("-t nat -A OUTPUT -p udp --dport 53 -m owner --uid-owner 7 -j RETURN");
    iptables("-t nat -A OUTPUT -p tcp --dport 53 -m owner ! --uid-owner 7 -j RETURN");
    iptables("-t nat -A OUTPUT -p tcp --dport 53 -j RETURN");
    iptables("-t nat -A PREROUTING -i br+ -p tcp -j REDIRECT --to-ports 15001");
    iptables("-t nat -I PREROUTING -j LOG --log-prefix PREROUTING --log-level 7");
    iptables("-t nat -I OUTPUT -p tcp --dport 80 -m owner --uid-owner 33 -j RETURN");
    iptables("-t raw -A OUTPUT -p udp --dport 53 -m owner --uid-owner 7 -j CT --zone 1");
    iptables("-t raw -A PREROUTING -p udp --sport 5353 -j CT --zone 1");
    iptables("-t raw -A PREROUTING -p tcp --sport 53 -j CT --zone 1");
    const Finished run = uninstall({"--also-kumactl"});
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.err, IsEmpty());
    iptables("-t nat -D OUTPUT -p udp --dport 53 -m owner --uid-owner 7 -j RETURN");
    iptables("-t nat -D OUTPUT -p tcp --dport 53 -m owner ! --uid-owner 7 -j RETURN");
    iptables("-t nat -D OUTPUT -p tcp --dport 53 -j RETURN");
    iptables("-t nat -D PREROUTING -i br+ -p tcp -j REDIRECT --to-ports 15001");
    iptables("-t nat -D PREROUTING -j LOG --log-prefix PREROUTING --log-level 7");
    iptables("-t nat -D OUTPUT -p tcp --dport 80 -m owner --uid-owner 33 -j RETURN");
    iptables("-t raw -D OUTPUT -p udp --dport 53 -m owner --uid-owner 7 -j CT --zone 1");
    iptables("-t raw -D PREROUTING -p udp --sport 5353 -j CT --zone 1");
    iptables("-t raw -D PREROUTING -p tcp --sport 53 -j CT --zone 1");
    EXPECT_EQ(rules(), before);
    iptables("-t nat -F");
    iptables("-t raw -F");
  }
}

TEST_P(AfterKumactl, RulesThatAnybodyMayHaveWrittenAreLeftAndNamed) {
  install_as_kumactl(false, {"--drop-invalid-packets"});
  run_script(fmt::format("iptables-{} -t nat -I OUTPUT -d 10.1.0.0/16 -j RETURN", GetParam().suffix));
  const Finished run = uninstall({"--also-kumactl"});
  EXPECT_EQ(run.exit_code, 0);
  const std::string program = "iptables-" + GetParam().suffix;
  for (const std::string& command :
       {program + " -t nat -D OUTPUT -d 10.1.0.0/16 -j RETURN",
        program + " -t mangle -D PREROUTING -m conntrack --ctstate INVALID -j DROP",
        "ip6" + program.substr(2) + " -t mangle -D PREROUTING -m conntrack --ctstate INVALID -j DROP"}) {
    EXPECT_THAT(run.err, HasSubstr("a rule is left that kumactl may have made, or somebody else; if it is "
                                   "kumactl's: " +
                                   command + "\n"));
    run_script(command);
  }
  EXPECT_THAT(rules(), IsEmpty());
  install_all({"--drop-invalid-packets"});
  EXPECT_THAT(uninstall({"--also-kumactl"}).err, IsEmpty()) << "ours are never in doubt";
}

// A failure brings them back, although nothing but their shape tells them.
TEST_P(AfterKumactl, ItsRulesAreBackWhenOursAreRefused) {
  const std::vector<std::string> flags = {"--iptables-logs", "--vnet", "br+:172.18.0.0/16",
                                          "--redirect-tcp-dns=false"};
  install_as_kumactl(false, flags);
  add_rule_of_others("A", "1001");
  const std::string before = rules();
  const std::string failing = fake_restore("ip6tables", "case $input in *16053*) echo no >&2; exit 2;; esac");
  std::vector<std::string> words = with_restore("ip6tables", failing);
  words.insert(words.end(), {"--redirect-dns-port", "16053", "--max-retries", "0"});
  EXPECT_EQ(redirect(install_words(words)).exit_code, 1);
  EXPECT_EQ(rules(), before);
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Releases of kumactl that wrote resolv.conf kept what stood in it. The test sees a copy of /etc.
TEST_P(AfterKumactl, ResolvConfIsPutBack) {
  const std::string etc = folder().path() + "/etc";
  run_script("cp -a /etc " + etc);
  const std::string conf = etc + "/resolv.conf";
  std::filesystem::remove(conf);
  const std::string shared = folder().file("shared.conf", "nameserver 127.0.0.1\n");
  std::filesystem::create_symlink(shared, conf);
  std::ofstream(conf + ".kuma-backup") << "nameserver 10.77.0.2\n";
  const auto uninstall_there = [&](const std::vector<std::string>& flags) {
    std::vector<std::string> words = {"uninstall"};
    words.insert(words.end(), flags.begin(), flags.end());
    return run_program(command(words), [&] {
      return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
             mount(etc.c_str(), "/etc", nullptr, MS_BIND, nullptr) == 0;
    });
  };
  EXPECT_EQ(uninstall_there({}).exit_code, 0);
  EXPECT_EQ(text_of(conf), "nameserver 127.0.0.1\n") << "it is kumactl's affair";
  EXPECT_THAT(uninstall_there({"--also-kumactl", "--dry-run"}).out,
              HasSubstr("/etc/resolv.conf.kuma-backup"));
  EXPECT_EQ(text_of(conf), "nameserver 127.0.0.1\n");
  const Finished run = uninstall_there({"--also-kumactl"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(text_of(shared), "nameserver 10.77.0.2\n") << "through the link, which stays";
  EXPECT_TRUE(std::filesystem::is_symlink(conf));
  EXPECT_FALSE(std::filesystem::exists(conf + ".kuma-backup"));
  std::ofstream(conf) << "nameserver 10.77.0.3\n";
  EXPECT_EQ(uninstall_there({"--also-kumactl"}).exit_code, 0);
  EXPECT_EQ(text_of(conf), "nameserver 10.77.0.3\n") << "what came later is not touched";
}

INSTANTIATE_TEST_SUITE_P(Backends, AfterKumactl, ::testing::ValuesIn(iptables_backends()), name_of_backend);

}  // namespace
}  // namespace meshdns::testing
