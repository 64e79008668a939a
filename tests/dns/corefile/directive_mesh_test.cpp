// The options of `mesh` that concern Kuma and documents that are fetched.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <meshdns/corefile.hpp>

namespace meshdns::corefile {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

Result<Corefile> mesh_with(std::string_view options, std::string_view paths = "zone.yaml") {
  return parse_corefile(fmt::format(".:53 {{\nmesh {} {{\n{}\n}}\n}}\n", paths, options), "Corefile");
}

MeshOptions good(std::string_view options, std::string_view paths = "zone.yaml") {
  auto corefile = mesh_with(options, paths);
  EXPECT_TRUE(corefile) << options << ": " << corefile.error().what;
  return *corefile.value().options.blocks.at(0).mesh;
}

// What is wrong, without the place, which is always the same.
std::string fault(std::string_view options) {
  const auto corefile = mesh_with(options);
  if (corefile) {
    return "no fault";
  }
  constexpr std::string_view kPlace = "plugin/mesh: Corefile:3 - Error during parsing: ";
  EXPECT_TRUE(corefile.error().what.starts_with(kPlace)) << corefile.error().what;
  return corefile.error().what.substr(kPlace.size());
}

std::string range_text(const VipRanges& ranges) {
  return (ranges.ipv4 ? ranges.ipv4->to_string() : "-") + " " +
         (ranges.ipv6 ? ranges.ipv6->to_string() : "-");
}

TEST(MeshOptions, DefaultsAreKumas) {
  const MeshOptions mesh = good("");
  EXPECT_EQ(mesh.source.kuma, KumaOptions());
  EXPECT_EQ(mesh.poll_interval, std::chrono::seconds(10));
  EXPECT_EQ(mesh.last_good, "");
  EXPECT_TRUE(mesh.source.overlays.empty());
}

TEST(MeshOptions, SayWhichNamesAndFromWhom) {
  const MeshOptions mesh = good(
      "dataplane cart-1 shop\nmesh shop\ndomain Svc.Mesh.\nzone east\nprefer computed\nservice_vips off\n"
      "default_generators off\nipv6_mapped on\noverlay ext.mesh a.mesh\noverlay 10.0.0.0/8\nstate "
      "/var/vips.json");
  const KumaOptions& kuma = mesh.source.kuma;
  EXPECT_EQ(kuma.dataplane, "cart-1");
  EXPECT_EQ(kuma.mesh, "shop");
  EXPECT_EQ(kuma.domain, "svc.mesh");
  EXPECT_EQ(kuma.zone, "east");
  EXPECT_TRUE(kuma.prefer_computed);
  EXPECT_FALSE(kuma.service_vips);
  EXPECT_FALSE(kuma.default_generators);
  EXPECT_TRUE(kuma.ipv6_mapped);
  EXPECT_EQ(kuma.state_path, "/var/vips.json");
  ASSERT_EQ(mesh.source.overlays.size(), 3U);
  EXPECT_EQ(mesh.source.overlays[2].to_string(), "10.in-addr.arpa");
  EXPECT_FALSE(good("prefer computed\nprefer status").source.kuma.prefer_computed);
}

TEST(MeshOptions, CollectVariables) {
  EXPECT_THAT(good("dataplane_var name cart\ndataplane_var tags.version=v=1\ndataplane_var empty=")
                  .source.kuma.dataplane_vars,
              ElementsAre(Pair("empty", ""), Pair("name", "cart"), Pair("tags.version", "v=1")));
}

TEST(MeshOptions, ReplaceTheRangeOfOneKind) {
  const KumaOptions kuma =
      good(
          "cidr service 10.0.0.0/8\ncidr mesh_service fd00:1::/64\ncidr mesh_external_service fd00:2::/64 "
          "242.1.0.0/16")
          .source.kuma;
  EXPECT_EQ(range_text(kuma.service_range), "10.0.0.0/8 -");
  EXPECT_EQ(range_text(kuma.mesh_service_range), "- fd00:1::/64");
  EXPECT_EQ(range_text(kuma.mesh_external_service_range), "242.1.0.0/16 fd00:2::/64");
  EXPECT_EQ(range_text(kuma.mesh_multi_zone_service_range), "243.0.0.0/8 -");
}

TEST(MeshOptions, SayHowDocumentsAreFetched) {
  const MeshOptions mesh =
      good("interval 1m30s\nlast_good /var/lib/meshdns", "unix:run/kuma.sock http://localhost:80");
  EXPECT_THAT(mesh.source.paths, ElementsAre("unix:run/kuma.sock", "http://localhost:80"));
  EXPECT_EQ(mesh.poll_interval, std::chrono::seconds(90));
  EXPECT_EQ(mesh.last_good, "/var/lib/meshdns");
}

TEST(MeshOptions, SayWhatAnEmptyNonTerminalIs) {
  EXPECT_FALSE(good("").ent_nxdomain);
  EXPECT_TRUE(good("ent nxdomain").ent_nxdomain);
  EXPECT_FALSE(good("ent nxdomain\nent nodata").ent_nxdomain);
}

TEST(MeshOptions, SayWhatIsMadeOfSearchLists) {
  EXPECT_FALSE(good("").search);
  const SearchOptions of_file = good("search nxdomain").search.value();
  EXPECT_EQ(of_file.answer, SearchOptions::Answer::NxDomain);
  EXPECT_EQ(of_file.resolv_conf, "/etc/resolv.conf");
  EXPECT_TRUE(of_file.suffixes.empty());
  const SearchOptions written =
      good("search cname Example.com. cluster.local /run/resolv.conf").search.value();
  EXPECT_EQ(written.answer, SearchOptions::Answer::Cname);
  EXPECT_EQ(written.resolv_conf, "/run/resolv.conf");
  EXPECT_THAT(written.suffixes, ElementsAre(DomainName::parse("example.com").value(),
                                            DomainName::parse("cluster.local").value()));
  EXPECT_EQ(good("search nxdomain example.com").search->resolv_conf, "");
}

TEST(MeshOptions, LeaveSuffixesOutThatMakeANamespaceOfTheMesh) {
  const auto corefile = mesh_with("search cname svc.cluster.local shop.svc.cluster.local");
  ASSERT_TRUE(corefile);
  EXPECT_THAT(corefile->warnings,
              ElementsAre("Corefile:3: search: 'svc.cluster.local' is left out: a.mesh with it "
                          "behind is the Kubernetes service a of the namespace mesh"));
  EXPECT_THAT(corefile->options.blocks[0].mesh->search->suffixes,
              ElementsAre(DomainName::parse("shop.svc.cluster.local").value()));
}

TEST(MeshOptions, SayWhatIsWrong) {
  const std::pair<std::string_view, std::string> examples[] = {
      {"ent noerror", "invalid ent 'noerror', expected 'nxdomain' or 'nodata'"},
      {"search", "Wrong argument count or unexpected line ending after 'search'"},
      {"search off", "invalid search 'off', expected 'nxdomain' or 'cname'"},
      {"search cname .", "invalid suffix '.': expected one such as example.com"},
      {"search cname a..b", "invalid suffix 'a..b': " + DomainName::parse("a..b").error()},
      {"search cname /a /b", "'/b' is the second file, expected one at most"},
      {"overlay a..b", "'a..b' is not a zone: " + DomainName::parse("a..b").error()},
      {"mesh a\ndataplane b c", "mesh 'c', but it is 'a' already"},
      {"mesh \"\"", "empty name of a mesh"},
      {"mesh a b", "Wrong argument count or unexpected line ending after 'b'"},
      {"dataplane \"\"", "empty name of a dataplane"},
      {"dataplane_var name", "'name' has no value, expected KEY VALUE or KEY=VALUE"},
      {"dataplane_var =x", "empty key in '=x'"},
      {"domain .", "invalid domain '.': expected a suffix such as mesh"},
      {"domain a..b", "invalid domain 'a..b': " + DomainName::parse("a..b").error()},
      {"zone \"\"", "empty name of a zone"},
      {"service_vips yes", "invalid service_vips 'yes', expected 'on' or 'off'"},
      {"default_generators", "Wrong argument count or unexpected line ending after 'default_generators'"},
      {"prefer vips", "invalid prefer 'vips', expected 'computed' or 'status'"},
      {"ipv6_mapped 1", "invalid ipv6_mapped '1', expected 'on' or 'off'"},
      {"cidr services 10.0.0.0/8",
       "unknown kind 'services', expected service, mesh_service, mesh_external_service or "
       "mesh_multi_zone_service"},
      {"cidr service 10.0.0.1/8",
       "invalid CIDR '10.0.0.1/8', expected a network such as 240.0.0.0/4 or fd00:fd00::/64 without bits "
       "behind its "
       "prefix"},
      {"cidr service 10.0.0.0/8 11.0.0.0/8",
       "'11.0.0.0/8' is the second IPv4 range, expected one of each family at most"},
      {"cidr service", "Wrong argument count or unexpected line ending after 'service'"},
      {"state \"\"", "empty path of the state file"},
      {"interval 10", "invalid interval '10', expected a duration such as 10s, 100ms..1h"},
      {"interval 99ms", "invalid interval '99ms', expected a duration such as 10s, 100ms..1h"},
      {"interval 1h1s", "invalid interval '1h1s', expected a duration such as 10s, 100ms..1h"},
      {"last_good \"\"", "empty path, expected a folder"},
  };
  for (const auto& [options, message] : examples) {
    const auto corefile = mesh_with(options);
    ASSERT_FALSE(corefile) << options;
    EXPECT_TRUE(corefile.error().what.ends_with("Error during parsing: " + message))
        << options << ": " << corefile.error().what;
  }
  EXPECT_EQ(fault("zone \"\""), "empty name of a zone") << "with file and line";
}

TEST(MeshPaths, OfSchemesThatDoNotExistAreRefused) {
  for (const char* path : {"unix:", "http://", "https://localhost/dns"}) {
    const auto corefile = mesh_with("", path);
    ASSERT_FALSE(corefile) << path;
    EXPECT_THAT(corefile.error().what, testing::HasSubstr("expected unix:PATH or http://HOST[:PORT][/PATH]"));
  }
}

}  // namespace
}  // namespace meshdns::corefile
