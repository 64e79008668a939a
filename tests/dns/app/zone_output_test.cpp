// What the forms of output look like, written out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <meshdns/zone_file.hpp>

#include "dns/app/kuma_dns_json.hpp"
#include "dns/app/zone_json.hpp"
#include "dns/app/zone_rows.hpp"
#include "dns/app/zone_table.hpp"
#include "dns/app/zone_vips.hpp"
#include "dns/app/zone_yaml.hpp"
#include "tests/dns/app/sample_zone.hpp"

namespace meshdns::app {
namespace {

TEST(ZoneTable, ListsNamesThenConflictsThenWhatIsLeftOut) {
  EXPECT_EQ(zone_table(sample_zone()),
            // clang-format off
      "NAME          ADDRESSES                    PORTS                  MODE     ORIGIN                                           WRITTEN\n"
      "*.shops.mesh  fd00::6                                             strict   plain record                                     mesh.yaml:40\n"
      "blue.example  240.0.0.0                    8080/tcp http, 53/udp  overlay  Dataplane shop/cart-1, VirtualOutbound by-color  mesh.yaml:5\n"
      "stock.mesh    240.0.0.1, ::ffff:240.0.0.1                         strict   Dataplane shop/stock-1                           mesh.yaml:20\n"
      "\n"
      "3 names; owns mesh\n"
      "\n"
      "1 conflict:\n"
      "  blue.example\n"
      "    kept     Dataplane shop/cart-1, VirtualOutbound by-color (mesh.yaml:5)\n"
      "    dropped  Dataplane shop/stock-1, VirtualOutbound by-color (mesh.yaml:20)\n"
      "    because  same port 8080\n"
      "\n"
      "left out, because all virtual IPs are taken:\n"
      "  3 names of 240.0.0.0/31 (services and hosts, mesh shop)\n"
            // clang-format on
  );
}

TEST(ZoneTable, OfNoNamesIsOneLine) {
  EXPECT_EQ(zone_table({}), "0 names; owns no suffix\n");
}

TEST(ZoneTable, IsNotTornByOneLongRow) {
  MeshZone zone = sample_zone();
  for (int i = 0; i < 100; ++i) {
    zone.records[0].addresses.push_back(address_of("10.0.0.1"));
  }
  EXPECT_THAT(zone_table(zone), testing::HasSubstr("\nblue.example  240.0.0.0  8080/tcp"));
  EXPECT_THAT(zone_table(zone), testing::HasSubstr(" 10.0.0.1, 10.0.0.1  "));
}

TEST(ZoneTable, ShowsNoControlCharacters) {
  MeshZone zone = sample_zone();
  zone.origins[2] = "Dataplane \x1b[31mred\n";
  EXPECT_THAT(zone_table(zone), testing::HasSubstr(" Dataplane ?[31mred? "));
}

TEST(ZoneRows, DecideTheModeByTheNearestSuffix) {
  MeshZone zone = sample_zone();
  zone.overlays = {name_of("shops.mesh")};
  EXPECT_FALSE(is_strict(zone, zone.records[2]));
  EXPECT_TRUE(is_strict(zone, zone.records[0]));
  zone.records[2].mode = NameMode::Strict;
  EXPECT_TRUE(is_strict(zone, zone.records[2]));
  zone.records[0].mode = NameMode::Overlay;
  EXPECT_FALSE(is_strict(zone, zone.records[0]));
  zone.owns.push_back(zone.overlays[0]);
  zone.records[2].mode = NameMode::BySuffix;
  EXPECT_FALSE(is_strict(zone, zone.records[2]));
}

TEST(ZoneJson, HasOneRecordPerLine) {
  EXPECT_EQ(
      zone_json(sample_zone(), "Corefile:1"),
      "{\"zone\":\"Corefile:1\",\n"
      "\"owns\":[\"mesh\"],\"overlays\":[],\n"
      "\"records\":[\n"
      "{\"name\":\"*.shops.mesh\",\"addresses\":[\"fd00::6\"],\"ports\":[],\"ttl\":5,\"mode\":\"strict\","
      "\"resource\":\"\",\"rule\":\"\",\"file\":\"mesh.yaml\",\"line\":40},\n"
      "{\"name\":\"blue.example\",\"addresses\":[\"240.0.0.0\"],\"ports\":["
      "{\"port\":8080,\"name\":\"http\",\"protocol\":\"tcp\"},"
      "{\"port\":53,\"name\":\"\",\"protocol\":\"udp\"}],\"ttl\":30,\"mode\":\"overlay\","
      "\"resource\":\"Dataplane shop/cart-1\",\"rule\":\"VirtualOutbound by-color\","
      "\"file\":\"mesh.yaml\",\"line\":5},\n"
      "{\"name\":\"stock.mesh\",\"addresses\":[\"240.0.0.1\",\"::ffff:240.0.0.1\"],\"ports\":[],"
      "\"ttl\":30,\"mode\":\"strict\",\"resource\":\"Dataplane shop/stock-1\",\"rule\":\"\","
      "\"file\":\"mesh.yaml\",\"line\":20}\n"
      "],\n"
      "\"conflicts\":[\n"
      "{\"name\":\"blue.example\",\"why\":\"same port 8080\","
      "\"kept\":{\"resource\":\"Dataplane shop/cart-1\",\"rule\":\"VirtualOutbound by-color\","
      "\"file\":\"mesh.yaml\",\"line\":5},"
      "\"dropped\":{\"resource\":\"Dataplane shop/stock-1\",\"rule\":\"VirtualOutbound by-color\","
      "\"file\":\"mesh.yaml\",\"line\":20}}\n"
      "],\n"
      "\"conflictCount\":1,\n"
      "\"vips\":[\n"
      "{\"range\":\"240.0.0.0/31\",\"purpose\":\"services and hosts\",\"mesh\":\"shop\",\"size\":2,"
      "\"used\":2,\"free\":0,\"leftOut\":3},\n"
      "{\"range\":\"241.0.0.0/8\",\"purpose\":\"MeshService\",\"mesh\":\"\",\"size\":16777216,"
      "\"used\":0,\"free\":16777216,\"leftOut\":0}\n"
      "],\n"
      "\"extraLabels\":{\"mesh\":\"<shop>\",\"zone\":\"east\"}}\n");
}

TEST(ZoneYaml, IsAFileOfPlainRecords) {
  EXPECT_EQ(zone_yaml(sample_zone()),
            "owns: [\"mesh\"]\n"
            "extraLabels:\n"
            "  \"mesh\": \"<shop>\"\n"
            "  \"zone\": \"east\"\n"
            "records:\n"
            "  - name: \"*.shops.mesh\"  # plain record (mesh.yaml:40)\n"
            "    ips: [\"fd00::6\"]\n"
            "    ttl: 5\n"
            "    mode: strict\n"
            "  - name: \"blue.example\"  # Dataplane shop/cart-1, VirtualOutbound by-color (mesh.yaml:5)\n"
            "    ips: [\"240.0.0.0\"]\n"
            "    ports: [{port: 8080, name: \"http\", protocol: tcp}, {port: 53, protocol: udp}]\n"
            "    ttl: 30\n"
            "    mode: overlay\n"
            "  - name: \"stock.mesh\"  # Dataplane shop/stock-1 (mesh.yaml:20)\n"
            "    ips: [\"240.0.0.1\", \"::ffff:240.0.0.1\"]\n"
            "    ttl: 30\n"
            "    mode: strict\n");
}

TEST(ZoneYaml, ReadsBackAsTheSameNames) {
  MeshZone zone = sample_zone();
  zone.overlays = {name_of("lab.mesh")};
  zone.records.push_back({.name = name_of("a\\.b\\\\c\\034.mesh"), .addresses = {}});
  zone.records.push_back({.name = name_of("null"), .addresses = {address_of("10.0.0.1")}});
  zone.records.push_back({.name = name_of("1e3"), .addresses = {address_of("::")}});
  const auto again = parse_mesh_zone(zone_yaml(zone), "again.yaml", {});
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->owns, zone.owns);
  EXPECT_EQ(again->overlays, zone.overlays);
  EXPECT_EQ(again->extra_labels, zone.extra_labels);
  EXPECT_EQ(kuma_dns_json(*again), kuma_dns_json(zone));
  for (const ZoneRow& row : rows_by_name(*again)) {
    if (row.name == "blue.example") {
      EXPECT_EQ(row.mode(), "overlay");
      EXPECT_EQ(ports_text(row.record->ports), "8080/tcp http, 53/udp");
    }
  }
  const auto nothing = parse_mesh_zone(zone_yaml({}), "nothing.yaml", {});
  ASSERT_TRUE(nothing) << nothing.error().what;
  EXPECT_TRUE(nothing->owns.empty());
}

TEST(KumaDnsJson, IsWhatTheControlPlanePublishes) {
  MeshZone zone;
  zone.records = {
      {.name = name_of("Redis.svc.mesh.local"),
       .addresses = {address_of("241.0.0.7"), address_of("::ffff:241.0.0.7")}},
      {.name = name_of("redis-2.svc.mesh.local"),
       .addresses = {address_of("240.0.255.0"), address_of("::ffff:240.0.255.0")}},
      {.name = name_of("_a.mesh"), .addresses = {address_of("FD00:0:0:0:0:0:0:1")}},
  };
  zone.extra_labels = {{"mesh", "default"}, {"kuma_io_zone", "east"}};
  EXPECT_EQ(kuma_dns_json(zone),
            "{\"records\":["
            "{\"name\":\"_a.mesh\",\"ips\":[\"fd00::1\"]},"
            "{\"name\":\"redis-2.svc.mesh.local\",\"ips\":[\"240.0.255.0\",\"::ffff:f000:ff00\"]},"
            "{\"name\":\"redis.svc.mesh.local\",\"ips\":[\"241.0.0.7\",\"::ffff:f100:7\"]}"
            "],\"ttl\":30,\"extraLabels\":{\"kuma_io_zone\":\"east\",\"mesh\":\"default\"}}");
}

TEST(KumaDnsJson, HasNamesThatNobodyCanAskFor) {
  MeshZone zone;
  zone.records = {{.name = name_of("api.mesh"), .addresses = {address_of("240.0.0.1")}}};
  zone.only_published = {{"a..b.mesh", {address_of("240.0.0.0")}}, {"API.mesh", {address_of("240.0.0.2")}}};
  EXPECT_EQ(kuma_dns_json(zone),
            "{\"records\":[{\"name\":\"API.mesh\",\"ips\":[\"240.0.0.2\"]},"
            "{\"name\":\"a..b.mesh\",\"ips\":[\"240.0.0.0\"]},"
            "{\"name\":\"api.mesh\",\"ips\":[\"240.0.0.1\"]}],\"ttl\":30}");
}

TEST(KumaDnsJson, OfNoNamesHasAnEmptyList) {
  EXPECT_EQ(kuma_dns_json({}), "{\"records\":[],\"ttl\":30}");
}

TEST(KumaDnsJson, HasTheSmallestTtl) {
  EXPECT_THAT(kuma_dns_json(sample_zone()), testing::HasSubstr("],\"ttl\":5,"));
}

TEST(KumaDnsJson, EscapesAsGoDoes) {
  MeshZone zone;
  zone.extra_labels = {{"k", "<&>\"\\/\b\f\n\r\t\x01\x1f\x7f\u00e9\u2028\u2029\U0001F600"}};
  EXPECT_EQ(kuma_dns_json(zone),
            "{\"records\":[],\"ttl\":30,\"extraLabels\":{\"k\":\"\\u003c\\u0026\\u003e\\\"\\\\/"
            "\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\u00e9\\u2028\\u2029\U0001F600\"}}");
}

TEST(KumaDnsJson, WritesAddressesAsGoDoes) {
  const std::pair<const char*, const char*> cases[] = {
      {"::ffff:0.0.0.1", "::ffff:0:1"},
      {"::1.2.3.4", "::102:304"},
      {"::1", "::1"},
      {"::", "::"},
      {"fd00:0:0:1::", "fd00:0:0:1::"},
      {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
  };
  for (const auto& [address, expected] : cases) {
    MeshZone zone;
    zone.records = {{.name = name_of("a"), .addresses = {address_of(address)}}};
    EXPECT_EQ(kuma_dns_json(zone),
              std::string("{\"records\":[{\"name\":\"a\",\"ips\":[\"") + expected + "\"]}],\"ttl\":30}");
  }
}

TEST(ZoneVips, ListsRangesThenAllocations) {
  MeshZone zone = sample_zone();
  zone.records.push_back(
      {.name = name_of("stock.two.mesh"), .addresses = {address_of("240.0.0.1")}, .resource = 2});
  EXPECT_EQ(vips_table(zone),
            "RANGE         FOR                 MESH  USED  FREE      LEFT OUT\n"
            "240.0.0.0/31  services and hosts  shop  2     0         3\n"
            "241.0.0.0/8   MeshService         all   0     16777216  0\n"
            "\n"
            "ADDRESS    RESOURCE                NAMES\n"
            "240.0.0.0  Dataplane shop/cart-1   blue.example\n"
            "240.0.0.1  Dataplane shop/stock-1  stock.mesh, stock.two.mesh\n");
  EXPECT_EQ(vips_table({}), "no ranges of virtual IPs: all addresses are written in the files\n");
}

TEST(ZoneVips, AreJsonToo) {
  MeshZone zone = sample_zone();
  zone.vips = {{.purpose = "MeshService", .range = IpRange::parse("240::/16").value(), .used = 1}};
  zone.records[0].addresses = {address_of("240::1")};
  EXPECT_EQ(vips_json(zone, ""),
            "{\"ranges\":[\n"
            "{\"range\":\"240::/16\",\"purpose\":\"MeshService\",\"mesh\":\"\",\"size\":5.192296858534828E33,"
            "\"used\":1,\"free\":5.192296858534828E33,\"leftOut\":0}\n"
            "],\n"
            "\"allocations\":[\n"
            "{\"address\":\"240::1\",\"resource\":\"Dataplane shop/stock-1\",\"names\":[\"stock.mesh\"]}\n"
            "]}\n");
  EXPECT_THAT(vips_table(zone), testing::HasSubstr("  1     5.19e+33  0\n"));
}

}  // namespace
}  // namespace meshdns::app
