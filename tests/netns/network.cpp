#include "tests/netns/network.hpp"

#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "tests/redirect/run_program.hpp"

namespace meshdns::testing {
namespace {

bool enter(pid_t process) {
  const int fd = open(fmt::format("/proc/{}/ns/net", process).c_str(), O_RDONLY | O_CLOEXEC);
  const bool entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
  close(fd);
  return entered;
}

void must_succeed(const Finished& finished) {
  if (finished.exit_code != 0) {
    throw std::runtime_error(finished.out + finished.err);
  }
}

}  // namespace

std::optional<std::string> Network::unavailable() {
  if (geteuid() != 0) {
    return "needs root, to make network namespaces";
  }
  const Finished trial = run_program({"nft", "list", "tables"}, [] { return unshare(CLONE_NEWNET) == 0; });
  if (trial.exit_code != 0) {
    return "needs network namespaces, nftables in the kernel and the program nft: " + trial.err;
  }
  return std::nullopt;
}

Network::Network() : original_(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) {
  if (original_ < 0 || unshare(CLONE_NEWNET) != 0) {
    throw std::runtime_error("cannot make a network namespace");
  }
  elsewhere_ = std::make_unique<ChildProcess>([](const ChildProcess::Ready& ready) {
    if (unshare(CLONE_NEWNET) == 0) {
      ready();
      pause();
    }
  });
  // Both ends are up before they get addresses: IPv6 addresses of a cable without carrier wait for a second.
  run_script(
      fmt::format("ip link set lo up\n"
                  "ip link add {0} type veth peer name far0 netns {1}\n"
                  "ip link set {0} up\n",
                  kHostInterface, elsewhere_->pid()));
  must_succeed(run_program({"sh", "-ec",
                            "ip link set lo up\n"
                            "ip link set far0 up\n"
                            "ip addr add 10.77.0.2/24 dev far0\n"
                            "ip addr add 10.77.0.3/24 dev far0\n"
                            "ip addr add fd77::2/64 dev far0 nodad\n"
                            "ip addr add fd77::3/64 dev far0 nodad\n"},
                           [&] { return go_elsewhere(); }));
  run_script(
      fmt::format("ip addr add 10.77.0.1/24 dev {0}\n"
                  "ip addr add fd77::1/64 dev {0} nodad\n"
                  "ip route add default via 10.77.0.2\n"
                  "ip -6 route add default via fd77::2 dev {0}\n",
                  kHostInterface));
}

Network::~Network() {
  setns(original_, CLONE_NEWNET);
  close(original_);
}

bool Network::go_elsewhere() const {
  return enter(elsewhere_->pid());
}

void run_script(const std::string& script) {
  must_succeed(run_program({"sh", "-ec", script}));
}

void nft(const std::string& commands) {
  must_succeed(run_program({"nft", commands}));
}

}  // namespace meshdns::testing
