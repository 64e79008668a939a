// `meshdns zone ...`, and what `check` and `explain` say of resources, as people call them.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

struct Finished {
  int code = -1;
  std::string out;
  std::string err;
};

// Runs meshdns in a working folder of its own.
class ZoneProgramTest : public testing::Test {
 protected:
  ZoneProgramTest() {
    std::string name = (fs::temp_directory_path() / "meshdns-zone-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~ZoneProgramTest() override { fs::remove_all(folder_); }

  // `words` are for the shell; they may redirect standard input.
  Finished run(const std::string& words) {
    const int status = std::system(
        fmt::format("cd {} && '{}' {} >out 2>err", folder_.string(), MESHDNS_PROGRAM, words).c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("out"), read("err")};
  }

  void write(const std::string& name, std::string_view text) const { std::ofstream(folder_ / name) << text; }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }
  bool exists(const std::string& name) const { return fs::exists(folder_ / name); }

 private:
  fs::path folder_;
};

constexpr std::string_view kPlain =
    "owns: [mesh]\n"
    "records:\n"
    "  - { name: B.mesh, ips: [240.0.0.2, \"::ffff:240.0.0.2\"], ports: [80] }\n"
    "  - { name: a.example, ips: [240.0.0.1] }\n";

constexpr std::string_view kResources =
    "type: Mesh\n"
    "name: shop\n"
    "---\n"
    "type: Dataplane\n"
    "mesh: shop\n"
    "name: cart-1\n"
    "networking:\n"
    "  address: 10.0.0.1\n"
    "  inbound: [{ port: 8080, tags: { kuma.io/service: cart_api } }]\n";

constexpr std::string_view kTwoServices =
    "type: Dataplane\n"
    "mesh: shop\n"
    "name: cart-1\n"
    "networking:\n"
    "  address: 10.0.0.1\n"
    "  inbound: [{ port: 8080, tags: { kuma.io/service: cart_api } }]\n"
    "---\n"
    "type: Dataplane\n"
    "mesh: shop\n"
    "name: cart-2\n"
    "networking:\n"
    "  address: 10.0.0.2\n"
    "  inbound: [{ port: 8080, tags: { kuma.io/service: other } }]\n";

TEST_F(ZoneProgramTest, ShowsTheDemonstrationMeshWithoutACorefile) {
  const auto done = run("zone show");
  EXPECT_EQ(done.code, 0);
  EXPECT_THAT(done.out, StartsWith("built-in Corefile:"));
  EXPECT_THAT(done.out, HasSubstr("mesh builtin:demo\n\nNAME "));
  EXPECT_THAT(done.out, HasSubstr("\norders.mesh "));
  EXPECT_THAT(done.out, HasSubstr(" 8080/tcp http, 9090/tcp, 5353/udp "));
  EXPECT_THAT(done.out, HasSubstr("\napi.shop.example "));
  EXPECT_EQ(done.err, "");
}

TEST_F(ZoneProgramTest, ShowsFilesAndStandardInput) {
  write("zone.yaml", kPlain);
  const std::string expected =
      "NAME       ADDRESSES                    PORTS   MODE     ORIGIN        WRITTEN\n"
      "a.example  240.0.0.1                            overlay  plain record  zone.yaml:4\n"
      "b.mesh     240.0.0.2, ::ffff:240.0.0.2  80/tcp  strict   plain record  zone.yaml:3\n"
      "\n"
      "2 names; owns mesh\n";
  EXPECT_EQ(run("zone show zone.yaml").out, expected);
  EXPECT_THAT(run("zone show - <zone.yaml").out, HasSubstr("plain record  standard input:4\n"));
}

TEST_F(ZoneProgramTest, ShowsEveryMeshOfACorefile) {
  write("zone.yaml", kPlain);
  write("Corefile",
        "a:0 {\n bind 127.0.0.1\n mesh zone.yaml\n}\nb:0 {\n bind 127.0.0.1\n mesh builtin:demo\n}\n"
        "c:0 {\n bind 127.0.0.1\n forward . 127.0.0.9\n}\n");
  const auto table = run("zone show");
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, StartsWith("Corefile:3: mesh zone.yaml\n\nNAME "));
  EXPECT_THAT(table.out, HasSubstr("\n\nCorefile:7: mesh builtin:demo\n\nNAME "));
  EXPECT_THAT(run("zone show --output json -conf Corefile").out,
              StartsWith("{\"zone\":\"Corefile:3: mesh zone.yaml\",\n"));
  EXPECT_THAT(run("zone show --output yaml").out, HasSubstr("\n---\n# Corefile:7: mesh builtin:demo\nowns:"));
  const auto dns = run("zone show --output dns-json");
  EXPECT_EQ(dns.code, 1);
  EXPECT_EQ(dns.err,
            "dns-json is the document of one zone; the Corefile has several, name the paths of one\n");
}

TEST_F(ZoneProgramTest, PrintsTheDocumentOfTheControlPlane) {
  write("zone.yaml", kPlain);
  const auto done = run("zone show --output dns-json zone.yaml");
  EXPECT_EQ(done.out,
            "{\"records\":[{\"name\":\"a.example\",\"ips\":[\"240.0.0.1\"]},"
            "{\"name\":\"b.mesh\",\"ips\":[\"240.0.0.2\",\"::ffff:f000:2\"]}],\"ttl\":30}");
  EXPECT_EQ(done.err, "");
  EXPECT_THAT(run("zone show --output dns-json builtin:demo").err,
              HasSubstr("warning: the records have several ttls, the document has the smallest\n"));
}

TEST_F(ZoneProgramTest, PrintsAZoneFileThatSaysTheSame) {
  write("zone.yaml", kPlain);
  write("copy.yaml", run("zone show --output yaml zone.yaml").out);
  EXPECT_EQ(run("zone diff zone.yaml copy.yaml").out, "0 added, 0 removed, 0 changed, 2 the same\n");
  write("demo.yaml", run("zone show --output yaml builtin:demo").out);
  EXPECT_EQ(run("zone diff builtin:demo demo.yaml").code, 0);
}

TEST_F(ZoneProgramTest, SaysWithItsExitCodeWhetherZonesDiffer) {
  write("zone.yaml", kPlain);
  write("other.yaml", "owns: [mesh]\nrecords: [{ name: b.mesh, ips: [240.0.0.2] }]\n");
  EXPECT_EQ(run("zone diff zone.yaml - <zone.yaml").code, 0);
  const auto different = run("zone diff zone.yaml other.yaml");
  EXPECT_EQ(different.code, 1);
  EXPECT_EQ(different.out,
            "- a.example  240.0.0.1\n"
            "~ b.mesh\n"
            "    addresses  240.0.0.2, ::ffff:240.0.0.2 -> 240.0.0.2\n"
            "    ports      80/tcp -> none\n"
            "0 added, 1 removed, 1 changed, 0 the same\n");
  const auto trouble = run("zone diff zone.yaml missing.yaml");
  EXPECT_EQ(trouble.code, 2);
  EXPECT_THAT(trouble.err, HasSubstr("missing.yaml"));
  EXPECT_EQ(trouble.out, "");
}

TEST_F(ZoneProgramTest, SaysWhatIsWrong) {
  write("bad.yaml", "records: [{ name: a..b, ips: [] }]\n");
  const auto bad = run("zone show bad.yaml");
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.err, StartsWith("bad.yaml:1:"));
  EXPECT_EQ(run("zone show -bogus").code, 2);
  EXPECT_EQ(run("zone").code, 2);
  EXPECT_EQ(run("zone -h").code, 0);
  const auto remote = run("zone show unix:/nowhere");
  EXPECT_EQ(remote.code, 1);
  EXPECT_THAT(remote.err, StartsWith("unix:/nowhere: only a running server fetches documents"));
  write("Corefile", ". {\n forward . 127.0.0.9\n}\n");
  EXPECT_EQ(run("zone show").err, "no server block of the Corefile has `mesh`\n");
}

TEST_F(ZoneProgramTest, FollowsResourcesToTheirNames) {
  write("mesh.yaml", kResources);
  const auto table = run("zone show mesh.yaml");
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("\ncart.api.mesh  240.0.0.0 "));
  EXPECT_THAT(table.out, HasSubstr("\ncart_api.mesh  240.0.0.0 "));
  EXPECT_THAT(table.out, HasSubstr("Dataplane shop/cart-1"));
  EXPECT_THAT(table.out, HasSubstr(" mesh.yaml:9\n"));
  EXPECT_EQ(run("zone show --output dns-json --ipv6-mapped mesh.yaml").out,
            "{\"records\":[{\"name\":\"cart.api.mesh\",\"ips\":[\"240.0.0.0\",\"::ffff:f000:0\"]},"
            "{\"name\":\"cart_api.mesh\",\"ips\":[\"240.0.0.0\",\"::ffff:f000:0\"]}],\"ttl\":30}");
  EXPECT_THAT(run("zone show --domain svc.example mesh.yaml").out, HasSubstr("\ncart_api.svc.example "));
  EXPECT_THAT(run("zone show --service-vips=false mesh.yaml").out, StartsWith("0 names"));

  const auto vips = run("zone vips mesh.yaml");
  EXPECT_EQ(vips.code, 0) << vips.err;
  EXPECT_THAT(vips.out, HasSubstr("\n240.0.0.0/4  services and hosts    shop  1     268435455  0\n"));
  EXPECT_THAT(vips.out, HasSubstr("\n240.0.0.0  Dataplane shop/cart-1  cart.api.mesh, cart_api.mesh\n"));
}

TEST_F(ZoneProgramTest, ReadsAStateFileAndLeavesItAlone) {
  write("mesh.yaml", kResources);
  EXPECT_EQ(run("zone show --state vips.json mesh.yaml").code, 0);
  EXPECT_FALSE(exists("vips.json"));
  constexpr std::string_view kState = R"({"0:cart_api":{"address":"240.0.0.7","outbounds":[]}})";
  write("vips.json", kState);
  EXPECT_THAT(run("zone show --mesh shop --state vips.json mesh.yaml").out,
              HasSubstr("\ncart_api.mesh  240.0.0.7 "));
  EXPECT_EQ(read("vips.json"), kState);
}

TEST_F(ZoneProgramTest, ChecksAndExplainsResources) {
  write("mesh.yaml", kResources);
  const auto check = run("check --zone mesh.yaml --upstream 127.0.0.9");
  EXPECT_EQ(check.code, 0) << check.err;
  EXPECT_THAT(
      check.out,
      HasSubstr("    virtual IPs 240.0.0.0/4 (services and hosts, mesh shop): 1 used, 268435455 free\n"));
  const auto explain = run("explain cart_api.mesh --zone mesh.yaml --upstream 127.0.0.9");
  EXPECT_EQ(explain.code, 0) << explain.err;
  EXPECT_THAT(explain.out, HasSubstr("\n  written  mesh.yaml:9:13\n"));
  EXPECT_THAT(explain.out, HasSubstr("\n  made by  Dataplane shop/cart-1"));
  EXPECT_THAT(explain.out, HasSubstr("\n  mode     strict: every type is answered here\n"));
  EXPECT_THAT(run("explain 9.0.0.240.in-addr.arpa PTR --zone mesh.yaml --upstream 127.0.0.9").out,
              HasSubstr("\n  because  240.0.0.0/4 is for virtual IPs, and no name has 240.0.0.9\n"));
}

TEST_F(ZoneProgramTest, SaysWhichRangeIsFull) {
  write("mesh.yaml", kTwoServices);
  const auto show = run("zone show --cidr service=240.0.0.0/32 mesh.yaml");
  EXPECT_EQ(show.code, 0);
  EXPECT_THAT(show.out, HasSubstr("\nleft out, because all virtual IPs are taken:\n"
                                  "  1 name of 240.0.0.0/32 (services and hosts, mesh shop)\n"));
  EXPECT_THAT(show.err, StartsWith("warning: "));
  write("Corefile", ".:0 {\n bind 127.0.0.1\n mesh mesh.yaml {\n  cidr service 240.0.0.0/32\n }\n}\n");
  EXPECT_THAT(run("explain other.mesh").out,
              HasSubstr("\n  but      1 name got no address, because 240.0.0.0/32 (services and hosts, mesh "
                        "shop) is full\n"));
  EXPECT_THAT(run("check").out,
              HasSubstr("\n    left out, because all virtual IPs are taken:\n      1 name of 240.0.0.0/32 "));
  EXPECT_THAT(run("zone vips").out,
              HasSubstr("\n240.0.0.0/32  services and hosts    shop  1     0         1\n"));
}

TEST_F(ZoneProgramTest, NamesBothSidesOfAConflict) {
  write("mesh.yaml", std::string(kTwoServices) +
                         "---\n"
                         "type: VirtualOutbound\n"
                         "mesh: shop\n"
                         "name: same\n"
                         "selectors: [{ match: { kuma.io/service: '*' } }]\n"
                         "conf:\n"
                         "  host: same.mesh\n"
                         "  port: '80'\n"
                         "  parameters: [{ name: service, tagKey: kuma.io/service }]\n");
  const auto show = run("zone show mesh.yaml");
  EXPECT_EQ(show.code, 0) << show.err;
  EXPECT_THAT(show.out,
              HasSubstr("\n1 conflict:\n  same.mesh\n    kept     Dataplane shop/cart-1, VirtualOutbound"));
  EXPECT_THAT(show.out, HasSubstr("\n    dropped  Dataplane shop/cart-2, VirtualOutbound"));
  EXPECT_THAT(run("explain same.mesh --zone mesh.yaml --upstream 127.0.0.9").out,
              HasSubstr("\n  conflict same port 80: Dataplane shop/cart-1"));
  EXPECT_THAT(run("check --zone mesh.yaml --upstream 127.0.0.9").out,
              HasSubstr("\n    1 conflict, listed by `meshdns zone show`\n"));
}

}  // namespace
