// The command line of meshdns-redirect, seen from outside. Each run has a network namespace of its own where
// that is permitted; where it is not, the caller could not change rules either.
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/redirect/run_program.hpp"

namespace meshdns::redirect {
namespace {

using meshdns::testing::Finished;
using meshdns::testing::run_program;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

bool leave_network_of_host() {
  return unshare(CLONE_NEWNET) == 0 || geteuid() != 0;
}

Finished redirect(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), MESHDNS_REDIRECT_BINARY);
  return run_program(arguments, leave_network_of_host);
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    std::string name = ::testing::TempDir() + "meshdns-redirect-XXXXXX";
    close(mkstemp(name.data()));
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void expect_one_line_error(const Finished& run, const std::string& text) {
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "Error: " + text + "\n");
  EXPECT_THAT(run.out, IsEmpty());
}

TEST(MeshdnsRedirect, WithoutArgumentsPrintsUsage) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{},
                                                    {"--help"},
                                                    {"-h"},
                                                    {"help"},
                                                    {"install", "--help"},
                                                    {"uninstall", "-h"}}) {
    const Finished run = redirect(arguments);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_THAT(run.out, AllOf(HasSubstr("Usage:"), HasSubstr("--redirect-all-dns-traffic"),
                               HasSubstr("(default 15053)"), Not(HasSubstr("--kuma-dp-uid"))));
  }
}

TEST(MeshdnsRedirect, OfAnUnknownFlagOrCommandPrintsUsage) {
  EXPECT_THAT(redirect({"install", "--nonsense"}).err,
              AllOf(StartsWith("Error: unknown flag: --nonsense\n"), HasSubstr("Usage:")));
  EXPECT_THAT(redirect({"install", "--redirect-al"}).err, StartsWith("Error: unknown flag: --redirect-al\n"));
  EXPECT_THAT(redirect({"uninstall", "--kuma-dp-user", "1"}).err,
              StartsWith("Error: unknown flag: --kuma-dp-user\n"));
  EXPECT_THAT(redirect({"instal"}).err,
              AllOf(StartsWith("Error: unknown command \"instal\", expected install, "
                               "uninstall, status, print or validate\n"),
                    HasSubstr("Usage:")));
  EXPECT_THAT(redirect({"status", "now"}).err,
              StartsWith("Error: unexpected argument, expected flags only\n"));
}

TEST(MeshdnsRedirect, RefusesValuesThatCannotBeUsed) {
  expect_one_line_error(redirect({"install", "--redirect-dns", "--redirect-all-dns-traffic"}),
                        "one of --redirect-dns or --redirect-all-dns-traffic should be specified");
  for (const std::string port : {"0", "65536", "-1", "15053x", ""}) {
    expect_one_line_error(redirect({"install", "--redirect-dns-port=" + port}),
                          port.empty()
                              ? "the argument for option '--redirect-dns-port' should follow immediately "
                                "after the equal sign"
                              : "invalid argument \"" + port + "\" for \"--redirect-dns-port\" flag: '" +
                                    port + "' is not a port, expected 1 to 65535");
  }
  expect_one_line_error(
      redirect({"install", "--ip-family-mode", "ipv6"}),
      "invalid argument \"ipv6\" for \"--ip-family-mode\" flag: must be one of 'dualstack' or "
      "'ipv4'");
  for (const char* user : {"no such user", "4294967295"}) {
    expect_one_line_error(redirect({"install", "--kuma-dp-user", user}),
                          std::string("the specified UID or username ('") + user +
                              "') does not refer to a valid user on the host");
  }
  expect_one_line_error(redirect({"install", "--ebpf-enabled"}),
                        "--ebpf-enabled is not available yet, use --backend nftables");
  expect_one_line_error(redirect({"install", "--config-file", "/nonexistent"}),
                        "/nonexistent: cannot be read: No such file or directory");
}

TEST(MeshdnsRedirect, DryRunPrintsTheRulesForTheServersOfResolvConf) {
  const TemporaryFile resolv_conf("nameserver 10.0.0.2\nnameserver fd00::2\n");
  const Finished run = redirect({"install", "--kuma-dp-user", "4321", "--resolv-conf", resolv_conf.path(),
                                 "--redirect-dns", "--backend", "nftables", "--dry-run"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, IsEmpty());
  EXPECT_THAT(run.out,
              AllOf(StartsWith("table inet meshdns\ndelete table inet meshdns\ntable inet meshdns {\n"),
                    HasSubstr("ip daddr 10.0.0.2 udp dport 53 meta skuid != 4321 counter redirect to :15053"),
                    HasSubstr("ip6 daddr fd00::2"), HasSubstr("redirect to :15006")));
}

TEST(MeshdnsRedirect, DryRunPrintsTheRulesOfIptablesWithoutPrivilege) {
  constexpr uid_t kNobody = 65534;
  const Finished run =
      run_program({MESHDNS_REDIRECT_BINARY, "print", "--kuma-dp-user", "4321", "--backend", "iptables",
                   "--ip-family-mode", "ipv4", "--redirect-all-dns-traffic", "--disable-comments"},
                  [] { return geteuid() != 0 || setresuid(kNobody, kNobody, kNobody) == 0; });
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.err, IsEmpty());
  EXPECT_THAT(run.out,
              AllOf(StartsWith("### IPv4 ###\n\n* raw\n-A PREROUTING -p udp --sport 53 -j CT --zone 1\n"),
                    HasSubstr("COMMIT\n* nat\n-N KUMA_MESH_INBOUND\n"),
                    HasSubstr("-I OUTPUT 1 -p udp --dport 53 -m owner --uid-owner 4321 -j RETURN\n"),
                    Not(HasSubstr("IPv6"))));
}

TEST(MeshdnsRedirect, AcceptsTheSpellingOfKumactl) {
  const Finished run =
      redirect({"install", "transparent-proxy", "--kuma-dp-user", "root", "--redirect-all-dns-traffic=true",
                "--redirect-dns-port=16053", "--backend=nftables", "--dry-run"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("udp dport 53 meta skuid != 0 counter redirect to :16053"));
}

// Every flag of `kumactl install transparent-proxy` 2.9, with a value that it takes.
TEST(MeshdnsRedirect, AcceptsEveryFlagOfKumactl) {
  const std::vector<std::string> flags = {"--redirect-dns",
                                          "--redirect-all-dns-traffic=false",
                                          "--redirect-dns-port=15053",
                                          "--skip-dns-conntrack-zone-split",
                                          "--kuma-dp-user=root",
                                          "--exclude-outbound-ports-for-uids=tcp:80,3000-5000:106-108",
                                          "--exclude-outbound-ips=10.0.0.1,10.1.0.0/16,fd00::/8",
                                          "--vnet=docker0:172.17.0.0/16",
                                          "--ip-family-mode=dualstack",
                                          "--dry-run",
                                          "--verbose",
                                          "--store-firewalld=false",
                                          "--wait=5",
                                          "--wait-interval=0",
                                          "--max-retries=4",
                                          "--sleep-between-retries=2s",
                                          "--drop-invalid-packets",
                                          "--iptables-logs",
                                          "--disable-comments",
                                          "--iptables-executables=",
                                          "--redirect-inbound=true",
                                          "--redirect-inbound-port=15006",
                                          "--redirect-outbound-port=15001",
                                          "--exclude-inbound-ports=22,443",
                                          "--exclude-outbound-ports=22,443",
                                          "--exclude-inbound-ips=10.0.0.1,fd00::1",
                                          "--redirect-inbound-insert-instead-of-append",
                                          "--redirect-outbound-insert-instead-of-append",
                                          "--config={}",
                                          "--config-file=/dev/null",
                                          "--ebpf-enabled=false",
                                          "--ebpf-instance-ip=10.0.0.1",
                                          "--ebpf-programs-source-path=/tmp/kuma-ebpf",
                                          "--ebpf-bpffs-path=/run/kuma/bpf",
                                          "--ebpf-cgroup-path=/sys/fs/cgroup",
                                          "--ebpf-tc-attach-iface=eth0"};
  const std::string usage = redirect({"--help"}).out;
  std::vector<std::string> all = {"install", "transparent-proxy"};
  for (const std::string& flag : flags) {
    const std::string name = flag.substr(0, flag.find('='));
    EXPECT_THAT(usage, HasSubstr("\n  " + name + " ")) << "and --help tells of it";
    // An empty value is said as a word of its own.
    const bool is_empty = flag.ends_with("=");
    all.push_back(is_empty ? name : flag);
    if (is_empty) {
      all.emplace_back("");
    }
  }
  const TemporaryFile resolv_conf("nameserver 10.0.0.2\nnameserver fd00::2\n");
  all.insert(all.end(), {"--resolv-conf", resolv_conf.path()});
  const Finished run = redirect(all);
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, Not(IsEmpty()));
}

TEST(MeshdnsRedirect, WarnsOfDeprecatedFlags) {
  const Finished run = redirect(
      {"print", "--backend=nftables", "--kuma-dp-uid", "0", "--redirect-inbound-port-v6", "15010",
       "--exclude-outbound-tcp-ports-for-uids", "80:7", "--exclude-outbound-udp-ports-for-uids", "53:7"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err,
            "# [WARNING] flag --kuma-dp-uid is deprecated, use --kuma-dp-user\n"
            "# [WARNING] flag --redirect-inbound-port-v6 is deprecated, use --redirect-inbound-port\n"
            "# [WARNING] flag --exclude-outbound-tcp-ports-for-uids is deprecated, use "
            "--exclude-outbound-ports-for-uids\n"
            "# [WARNING] flag --exclude-outbound-udp-ports-for-uids is deprecated, use "
            "--exclude-outbound-ports-for-uids\n");
  EXPECT_THAT(run.out, AllOf(HasSubstr("tcp dport 80 meta skuid 7 return"),
                             HasSubstr("meta skuid 0 jump inbound_redirect")));
}

TEST(MeshdnsRedirect, LetsFlagsWinOverEnvironmentOverDocuments) {
  const TemporaryFile document(
      "kumaDPUser: '0'\nredirect: {inbound: {port: 1001}, outbound: {port: 1002}, "
      "dns: {captureAll: true, port: 1003}}\n");
  const std::vector<std::string> arguments = {MESHDNS_REDIRECT_BINARY,
                                              "print",
                                              "--backend=nftables",
                                              "--config-file",
                                              document.path(),
                                              "--config",
                                              "redirect: {inbound: {excludePorts: [77]}}",
                                              "--redirect-dns-port",
                                              "3003"};
  const Finished run = run_program(arguments, [] {
    return setenv("KUMA_TRANSPARENT_PROXY_REDIRECT_DNS_PORT", "2003", 1) == 0 &&
           setenv("KUMA_TRANSPARENT_PROXY_REDIRECT_OUTBOUND_PORT", "2002", 1) == 0;
  });
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("redirect to :1001"), HasSubstr("redirect to :2002"),
                             HasSubstr("redirect to :3003"), HasSubstr("tcp dport 77 return")));
}

TEST(MeshdnsRedirect, WarnsOfAFamilyWithoutServers) {
  const TemporaryFile resolv_conf("nameserver 10.0.0.2\nnameserver ten.example\n");
  const Finished run = redirect({"install", "--kuma-dp-user", "1", "--redirect-dns", "--backend", "nftables",
                                 "--resolv-conf", resolv_conf.path(), "--dry-run"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "# [WARNING] " + resolv_conf.path() +
                         ":2: nameserver \"ten.example\" is skipped, expected an IPv4 or IPv6 address\n"
                         "# [WARNING] there is no IPv6 resolver: DNS over IPv6 is left alone\n");
}

TEST(MeshdnsRedirect, WithoutServersSuggestsAllDnsTraffic) {
  expect_one_line_error(
      redirect({"print", "--kuma-dp-user", "1", "--redirect-dns", "--backend=nftables",
                "--redirect-inbound=false", "--redirect-outbound=false", "--resolv-conf", "/dev/null"}),
      "there is no resolver to redirect from; with --redirect-all-dns-traffic every packet to port "
      "53 is redirected");
  expect_one_line_error(
      redirect({"install", "--kuma-dp-user", "1", "--redirect-dns", "--resolv-conf", "/nonexistent"}),
      "/nonexistent: cannot be read: No such file or directory");
}

// As on a kernel without netfilter: such sockets cannot be opened.
bool take_away_netfilter() {
  constexpr auto kWord = static_cast<std::uint32_t>(offsetof(seccomp_data, args));
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kWord),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kWord + 2 * sizeof(std::uint64_t)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_NETFILTER, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPROTONOSUPPORT),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = std::size(filter), .filter = filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST(MeshdnsRedirect, WithoutNftablesInTheKernelSaysSo) {
  const TemporaryFile state("");
  const Finished run = run_program({MESHDNS_REDIRECT_BINARY, "install", "--kuma-dp-user", "1", "--backend",
                                    "nftables", "--state-dir", state.path() + ".d"},
                                   [] { return leave_network_of_host() && take_away_netfilter(); });
  std::filesystem::remove_all(state.path() + ".d");
  expect_one_line_error(run, geteuid() == 0 ? "this kernel has no nftables: the module nf_tables is missing"
                                            : "the rules of this host need CAP_NET_ADMIN: run this as root");
}

}  // namespace
}  // namespace meshdns::redirect
