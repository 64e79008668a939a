// A resolv.conf that is replaced by mounting another file over it, as container runtimes do: in a mount
// namespace of our own.
#include <thread>

#include <sched.h>
#include <sys/mount.h>

#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

class ResolvConfMount : public ServerTest {
 protected:
  // Nothing tells of a mount: the next look at the file does.
  bool is_asked_soon(const support::ScriptedUpstream& upstream) {
    return becomes_true([&] {
      const std::string name = "n" + std::to_string(++number_) + ".example.org";
      const auto reply = ask_udp(address(), {.name = name});
      EXPECT_TRUE(reply && reply->rcode == "NOERROR") << name;
      return upstream.questions().contains(name + " 1");
    });
  }

  std::string conf(const std::string& name, const support::ScriptedUpstream& upstream) const {
    return folder.write(name, "nameserver " + upstream.address().to_string() + "\n");
  }

 private:
  int number_ = 0;
};

TEST_F(ResolvConfMount, IsSeen) {
  bool is_skipped = false;
  // A thread can leave the mount namespace of its process, and the server's threads are started by it.
  std::thread([&] {
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      is_skipped = true;
      return;
    }
    support::ScriptedUpstream one(support::answer);
    support::ScriptedUpstream two(support::answer);
    const std::string path = conf("resolv.conf", one);
    BlockOptions only = block();
    only.forward.emplace_back().to = {ResolvConf{path}};
    start(only);
    EXPECT_TRUE(is_asked_soon(one));

    ASSERT_EQ(::mount(conf("other.conf", two).c_str(), path.c_str(), nullptr, MS_BIND, nullptr), 0);
    EXPECT_TRUE(is_asked_soon(two)) << log.text();

    ASSERT_EQ(::mount(folder.write("empty.conf", "").c_str(), path.c_str(), nullptr, MS_BIND, nullptr), 0);
    EXPECT_TRUE(log.wait_for("the upstreams in force stay")) << log.text();
    EXPECT_TRUE(is_asked_soon(two));

    ASSERT_EQ(::umount2(path.c_str(), 0), 0);
    ASSERT_EQ(::umount2(path.c_str(), 0), 0);
    EXPECT_TRUE(is_asked_soon(one)) << log.text();
    server.reset();
  }).join();
  if (is_skipped) {
    GTEST_SKIP() << "needs CAP_SYS_ADMIN to make a mount namespace";
  }
}

}  // namespace
}  // namespace meshdns::test
