// Which backend `auto` takes on hosts that refuse nftables in one way or another.
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "tests/netns/install_on.hpp"

namespace meshdns::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// From now on sockets of netfilter fail so: as on a kernel without it, or under a policy that forbids them.
bool refuse_netfilter(int problem) {
  constexpr auto kFirst = static_cast<std::uint32_t>(offsetof(seccomp_data, args));
  constexpr auto kThird = static_cast<std::uint32_t>(kFirst + 2 * sizeof(std::uint64_t));
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kFirst),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kThird),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_NETFILTER, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(problem)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = std::size(filter), .filter = filter};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

class BackendChoice : public RedirectFixture {
 protected:
  Finished run(std::vector<std::string> words, int problem) const {
    words.insert(words.begin(), MESHDNS_REDIRECT_BINARY);
    words.insert(words.end(), {"--state-dir", folder().path() + "/state"});
    return run_program(words, [problem] { return problem == 0 || refuse_netfilter(problem); });
  }
};

TEST_F(BackendChoice, IsNftablesWhereTheKernelTakesItsRules) {
  ASSERT_EQ(run({"install", "--kuma-dp-user", "1"}, 0).exit_code, 0);
  EXPECT_THAT(run({"status"}, 0).out, HasSubstr("installed through nftables, as planned"));
}

TEST_F(BackendChoice, IsIptablesWhereNftablesIsMissingOrForbidden) {
  const Backend legacy = iptables_backends()[1];
  if (const auto reason = legacy.unavailable()) {
    GTEST_SKIP() << *reason;
  }
  for (const int problem : {EPROTONOSUPPORT, EPERM}) {
    const Finished installed = run({"install", "--kuma-dp-user", "1", "--redirect-all-dns-traffic"}, problem);
    EXPECT_EQ(installed.exit_code, 0) << installed.err;
    EXPECT_THAT(legacy.rules(), HasSubstr("KUMA_MESH_OUTBOUND"));
    EXPECT_THAT(run({"status"}, problem).out, HasSubstr("installed through iptables-legacy, as planned"));
    const Finished uninstalled = run({"uninstall"}, problem);
    EXPECT_EQ(uninstalled.exit_code, 0) << uninstalled.err;
    EXPECT_THAT(legacy.rules(), IsEmpty());
  }
}

TEST_F(BackendChoice, SaysWhatIsMissingWhenNothingElseWorks) {
  const Finished forced = run({"install", "--kuma-dp-user", "1", "--backend", "nftables"}, EPROTONOSUPPORT);
  EXPECT_EQ(forced.exit_code, 1);
  EXPECT_THAT(forced.err, HasSubstr("this kernel has no nftables"));
  std::string programs;
  for (const char* name : {"iptables", "iptables-save", "iptables-restore"}) {
    programs += std::string(programs.empty() ? "" : ",") + name + ":/bin/false";
  }
  const Finished without =
      run({"install", "--kuma-dp-user", "1", "--iptables-executables", programs}, EPROTONOSUPPORT);
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_THAT(without.err, HasSubstr("iptables does not work here"));
}

}  // namespace
}  // namespace meshdns::testing
