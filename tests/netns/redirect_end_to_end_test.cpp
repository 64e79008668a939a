// The main job on one host: meshdns under kuma-dp's user, the redirect, and programs that know of neither.
#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/netns/redirect_fixture.hpp"

namespace meshdns::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kElsewhere = "9.9.9.9";
constexpr std::uint16_t kTypeAaaa = 28;

class RedirectEndToEnd : public RedirectFixture {
 protected:
  void SetUp() override {
    RedirectFixture::SetUp();
    if (IsSkipped()) {
      return;
    }
    resolver_ = std::make_unique<TaggedServer>(
        TaggedServer::Options{.tag = kElsewhere, .listen = {"10.77.0.2", "fd77::2"}, .prepare = [this] {
                                return network().go_elsewhere();
                              }});
    start_meshdns(folder().file("zone.yaml",
                                "owns: [mesh]\n"
                                "records:\n"
                                "  - name: backend.mesh\n"
                                "    ips: [240.0.0.1, 'fd00:fd00::1']\n"
                                "  - name: api.shop.example\n"
                                "    ips: [240.0.0.8]\n"));
    install({"10.77.0.2", "fd77::2"});
    watch_cable();
  }

  // What the resolver was asked, but for the server's own search for forwarding loops.
  std::vector<std::string> asked() const {
    std::vector<std::string> questions = resolver_->asked();
    std::erase_if(questions, [](const std::string& question) { return question.contains("_meshdns-loop"); });
    return questions;
  }

 private:
  void start_meshdns(const std::string& zone) {
    const std::vector<const char*> command = {MESHDNS_BINARY,    "--zone",   zone.c_str(),  "--listen",
                                              "127.0.0.1:15053", "--listen", "[::1]:15053", "--upstream",
                                              "10.77.0.2",       "-quiet",   nullptr};
    meshdns_ = std::make_unique<ChildProcess>([&](const ChildProcess::Ready& ready) {
      ready();
      if (become(kKumaDp)) {
        execv(command[0], const_cast<char* const*>(command.data()));
      }
    });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (const char* address : {"127.0.0.1", "::1"}) {
      while (kuma_dp().ask({.server = address, .port = 15053, .name = "backend.mesh"}).answer !=
             "240.0.0.1") {
        if (!meshdns_->is_running() || std::chrono::steady_clock::now() > deadline) {
          throw std::runtime_error("meshdns does not answer");
        }
      }
    }
  }

  std::unique_ptr<TaggedServer> resolver_;
  std::unique_ptr<ChildProcess> meshdns_;
};

TEST_F(RedirectEndToEnd, MeshNamesComeFromTheMesh) {
  for (const char* server : {"10.77.0.2", "fd77::2"}) {
    for (const bool tcp : {false, true}) {
      const std::string from = std::string(server) + " 53";
      EXPECT_EQ(app().ask({.server = server, .tcp = tcp, .name = "backend.mesh"}),
                (Outcome{"240.0.0.1", from}));
      EXPECT_EQ(app().ask({.server = server, .tcp = tcp, .name = "backend.mesh", .type = kTypeAaaa}),
                (Outcome{"fd00:fd00::1", from}));
      EXPECT_EQ(app().ask({.server = server, .tcp = tcp, .name = "api.shop.example"}),
                (Outcome{"240.0.0.8", from}));
      EXPECT_EQ(app().ask({.server = server, .tcp = tcp, .name = "unknown.mesh"}),
                (Outcome{"rcode 3", from}));
    }
  }
  EXPECT_THAT(asked(), IsEmpty());
  EXPECT_EQ(packets_of_anybody(), 0U);
}

TEST_F(RedirectEndToEnd, OtherNamesComeFromTheResolverAskedByMeshdnsAlone) {
  EXPECT_EQ(app().ask({.server = "10.77.0.2", .name = "www.example.org"}),
            (Outcome{kElsewhere, "10.77.0.2 53"}));
  EXPECT_EQ(app().ask({.server = "fd77::2", .name = "other.example.org"}),
            (Outcome{kElsewhere, "fd77::2 53"}));
  EXPECT_EQ(root().ask({.server = "10.77.0.2", .tcp = true, .name = "third.example.org"}),
            (Outcome{kElsewhere, "10.77.0.2 53"}));
  const auto questions = asked();  // a slow machine makes meshdns ask again
  EXPECT_THAT(std::set(questions.begin(), questions.end()),
              ElementsAre("other.example.org 1", "third.example.org 1", "www.example.org 1"));
  EXPECT_GE(packets_of(kKumaDp), 3U);
  EXPECT_EQ(packets_of_anybody(), packets_of(kKumaDp));
}

TEST_F(RedirectEndToEnd, KumaDpAsksTheResolverItself) {
  EXPECT_EQ(kuma_dp().ask({.server = "10.77.0.2", .name = "backend.mesh"}).answer, kElsewhere);
}

// A mistake of the operator: meshdns gets its own questions back. It must neither multiply them nor hang.
TEST_F(RedirectEndToEnd, SparingTheWrongUserEndsInServfailNotInAStorm) {
  const Finished installed = redirect({"install", "--kuma-dp-user", "4321", "--redirect-all-dns-traffic"});
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
  EXPECT_EQ(app().ask({.server = "10.77.0.2", .name = "www.example.org"}),
            (Outcome{"rcode 2", "10.77.0.2 53"}));
  EXPECT_EQ(app().ask({.server = "10.77.0.2", .name = "backend.mesh"}).answer, "240.0.0.1");
  EXPECT_LE(packets_counted(run_program({"nft", "list", "table", "inet", "meshdns"}).out,
                            "IPv4 and IPv6 udp: own conntrack zone"),
            50U);
  EXPECT_EQ(packets_of_anybody(), 0U);
}

// As the C library resolves names for most programs.
Finished getent(const std::string& resolv_conf, const std::string& name) {
  return run_program({"getent", "ahostsv4", name}, [&] {
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount(resolv_conf.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr) == 0 && become(kApp);
  });
}

TEST_F(RedirectEndToEnd, AProgramThatKnowsNothingFindsMeshAndWorld) {
  for (const char* server : {"10.77.0.2", "fd77::2"}) {
    const std::string resolv_conf = folder().file("app.conf", std::string("nameserver ") + server + "\n");
    EXPECT_THAT(getent(resolv_conf, "backend.mesh").out, HasSubstr("240.0.0.1"));
    EXPECT_THAT(getent(resolv_conf, "api.shop.example").out, HasSubstr("240.0.0.8"));
    EXPECT_THAT(getent(resolv_conf, "www.example.org").out, HasSubstr(kElsewhere));
  }
}

}  // namespace
}  // namespace meshdns::testing
