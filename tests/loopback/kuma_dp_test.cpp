// In CoreDNS's place under kuma-dp: the Corefiles that its versions write, its version probe, its way to
// start and to end a DNS server. Facts: kuma's app/kuma-dp/pkg/dataplane/dnsserver at 2.0 to 2.14.
#include <csignal>
#include <filesystem>
#include <regex>

#include <fmt/format.h>

#include "tests/loopback/envoy_dns_filter.hpp"
#include "tests/loopback/meshdns_process.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

namespace fs = std::filesystem;
using support::SeenQuery;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

struct KumaVersion {
  const char* name;
  bool has_empty_server = false;  // a second block that answers NXDOMAIN to everything
  bool logs = false;
};

void PrintTo(const KumaVersion& version, std::ostream* out) {
  *out << version.name;
}

class KumaDp : public ::testing::TestWithParam<KumaVersion> {
 protected:
  // What the real resolver of the host knows: everything but the mesh.
  static support::Reaction public_resolver(const SeenQuery& query) {
    return query.question().contains("mesh") ? support::fail_with(3)(query) : support::answer(query);
  }

  void SetUp() override {
    const SocketAddress free = support::closed_port();
    address = free;
    std::string log = GetParam().logs ? "    log\n" : "";
    std::string text = fmt::format(
        ".:{} {{\n"
        "    forward . {}\n"
        "    # three lines of comment stand here:\n"
        "    # one with a }} brace and a \" quote,\n"
        "    # and one without\n"
        "    alternate NOTIMP,FORMERR,NXDOMAIN,SERVFAIL,REFUSED . {}\n"
        "    prometheus localhost:{}\n"
        "    errors\n{}}}\n",
        address.port, filter.address().to_string(), resolver.address().to_string(),
        support::closed_port().port, log);
    if (GetParam().has_empty_server) {
      empty_address = support::closed_port();
      text += fmt::format("\n.:{} {{\n    template ANY ANY . {{\n      rcode NXDOMAIN\n    }}\n{}}}\n",
                          empty_address.port, log);
    }
    fs::permissions(folder.write("Corefile", text), fs::perms(0600));
  }

  void start(const std::vector<std::string>& environment = {}) {
    process.emplace(folder.path("."), std::vector<std::string>{"-conf", folder.path("Corefile"), "-quiet"},
                    Manner{.environment = environment, .as_kuma_dp = true});
    ASSERT_TRUE(becomes_true([&] { return ask_udp(address, {.name = "up.example.org"}).has_value(); }));
  }

  void expect_end() {
    const auto before = std::chrono::steady_clock::now();
    process->signal(SIGTERM);
    EXPECT_EQ(process->exit_code(), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(5000)) << "kuma-dp kills after that";
    EXPECT_EQ(process->errors(), "");
  }

  TemporaryFolder folder;
  support::ScriptedUpstream filter{envoy_dns_filter(FilterFamilies::Ipv4Only), false};
  support::ScriptedUpstream resolver{public_resolver};
  SocketAddress address;
  SocketAddress empty_address;
  std::optional<MeshdnsProcess> process;
};

TEST_P(KumaDp, FindsAVersionInWhatTheProbePrints) {
  MeshdnsProcess probe(folder.path("."), {"--version"}, {.environment = {}, .as_kuma_dp = true});
  EXPECT_EQ(probe.exit_code(), 0);
  EXPECT_TRUE(std::regex_search(probe.output(), std::regex("CoreDNS-(.*)"))) << probe.output();
  EXPECT_EQ(probe.errors(), "");
}

TEST_P(KumaDp, AnswersWhatTheChainOfFilterAndResolverKnows) {
  start();
  for (const bool tcp : {false, true}) {
    const auto ask = tcp ? ask_tcp : ask_udp;
    SCOPED_TRACE(tcp ? "TCP" : "UDP");
    const auto mesh = ask(address, {.name = "backend.mesh"}, kPatience);
    ASSERT_TRUE(mesh);
    EXPECT_THAT(mesh->answer, ElementsAre("backend.mesh. 30 IN A 240.0.0.1")) << "the filter knows no TCP";
    const auto ipv6 = ask(address, {.name = "backend.mesh", .type = "AAAA"}, kPatience);
    ASSERT_TRUE(ipv6);
    EXPECT_EQ(ipv6->rcode, "NOERROR") << "musl takes the NXDOMAIN of one type for the name's";
    EXPECT_THAT(ipv6->answer, IsEmpty());
    const auto unknown = ask(address, {.name = "nobody.mesh"}, kPatience);
    ASSERT_TRUE(unknown);
    EXPECT_EQ(unknown->rcode, "NXDOMAIN");
    for (const char* type : {"A", "AAAA", "TXT", "TYPE65280"}) {
      const auto other = ask(address, {.name = "www.example.org", .type = type}, kPatience);
      ASSERT_TRUE(other) << type;
      EXPECT_EQ(other->rcode, "NOERROR") << type;
    }
  }
  expect_end();
  if (!GetParam().logs) {
    EXPECT_EQ(process->output(), "[INFO] SIGTERM: Shutting down servers then terminating\n");
  } else {
    EXPECT_THAT(process->output(), HasSubstr("A IN backend.mesh. udp"));
  }
}

TEST_P(KumaDp, KeepsMeshNamesOnTheHostWithAMeshOfItsOwn) {
  folder.write("zone.yaml", "owns: [mesh]\nrecords:\n  - {name: backend.mesh, ips: [240.0.0.9]}\n");
  start({"MESHDNS_MESH=" + folder.path("zone.yaml")});
  for (const char* type : {"A", "AAAA", "TXT", "SRV", "HTTPS", "ANY", "TYPE65280"}) {
    for (const char* name : {"backend.mesh", "Backend.MESH", "nobody.mesh"}) {
      EXPECT_TRUE(ask_udp(address, {.name = name, .type = type})) << name << type;
      EXPECT_TRUE(ask_tcp(address, {.name = name, .type = type})) << name << type;
    }
  }
  const auto backend = ask_udp(address, {.name = "backend.mesh"});
  ASSERT_TRUE(backend);
  EXPECT_THAT(backend->answer, ElementsAre("backend.mesh. 30 IN A 240.0.0.9"));
  EXPECT_TRUE(backend->aa);
  EXPECT_THAT(filter.questions(), Each(Not(HasSubstr("mesh"))));
  EXPECT_THAT(resolver.questions(), Each(Not(HasSubstr("mesh"))));
  expect_end();
}

TEST_P(KumaDp, TheEmptyServerKnowsNothing) {
  if (!GetParam().has_empty_server) {
    GTEST_SKIP() << "this version has none";
  }
  start();
  const auto reply = ask_udp(empty_address, {.name = "backend.mesh"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->rcode, "NXDOMAIN");
  expect_end();
}

INSTANTIATE_TEST_SUITE_P(Versions, KumaDp,
                         ::testing::Values(KumaVersion{"v2_0", true, false}, KumaVersion{"v2_7", true, false},
                                           KumaVersion{"v2_7_logging", true, true},
                                           KumaVersion{"v2_9_to_2_14", false, false},
                                           KumaVersion{"v2_9_to_2_14_logging", false, true}),
                         [](const auto& version) { return std::string(version.param.name); });

}  // namespace
}  // namespace meshdns::test
