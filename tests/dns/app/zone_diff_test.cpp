#include "dns/app/zone_diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/app/sample_zone.hpp"

namespace meshdns::app {
namespace {

TEST(ZoneDiff, OfAZoneWithItselfIsEmpty) {
  const MeshZone zone = sample_zone();
  const ZoneDiff diff = diff_zones(zone, zone);
  EXPECT_TRUE(diff.is_empty());
  EXPECT_EQ(diff_table(diff), "0 added, 0 removed, 0 changed, 3 the same\n");
  EXPECT_EQ(diff_json(diff),
            "{\"added\":[],\n\"removed\":[],\n\"changed\":[],\n\"suffixesAdded\":[],\n"
            "\"suffixesRemoved\":[],\n\"same\":3}\n");
}

TEST(ZoneDiff, DoesNotCareForOrderAndPlace) {
  const MeshZone was = sample_zone();
  MeshZone is = sample_zone();
  is.files = {"moved.yaml"};
  std::ranges::reverse(is.records);
  for (ZoneRecord& record : is.records) {
    std::ranges::reverse(record.addresses);
    std::ranges::reverse(record.ports);
    record.where.line += 7;
  }
  EXPECT_TRUE(diff_zones(was, is).is_empty());
}

TEST(ZoneDiff, NamesWhatIsAddedRemovedAndChanged) {
  const MeshZone was = sample_zone();
  MeshZone is = sample_zone();
  is.owns.push_back(name_of("example"));
  is.records[1].addresses = {address_of("240.0.0.9")};
  is.records[1].ports.clear();
  is.records[1].ttl_seconds = 60;
  is.records[1].rule = 0;
  is.records[2] = {.name = name_of("new.mesh"), .addresses = {}};
  const ZoneDiff diff = diff_zones(was, is);
  EXPECT_FALSE(diff.is_empty());
  EXPECT_EQ(diff_table(diff),
            "+ owns example\n"
            "- *.shops.mesh  fd00::6\n"
            "~ blue.example\n"
            "    addresses  240.0.0.0 -> 240.0.0.9\n"
            "    ports      53/udp, 8080/tcp http -> none\n"
            "    ttl        30 -> 60\n"
            "    mode       overlay -> strict\n"
            "    origin     Dataplane shop/cart-1, VirtualOutbound by-color -> Dataplane shop/cart-1\n"
            "+ new.mesh\n"
            "1 added, 1 removed, 1 changed, 1 the same\n");
  const std::string json = diff_json(diff);
  EXPECT_THAT(json, testing::HasSubstr("\"added\":[\n{\"name\":\"new.mesh\",\"addresses\":[],"));
  EXPECT_THAT(json, testing::HasSubstr("\"parts\":[\"addresses\",\"ports\",\"ttl\",\"mode\",\"origin\"]"));
  EXPECT_THAT(json, testing::HasSubstr("\"suffixesAdded\":[\n\"owns example\"\n]"));
}

TEST(ZoneDiff, SeesASuffixAlone) {
  const MeshZone was = sample_zone();
  MeshZone is = sample_zone();
  is.overlays = {name_of("lab.mesh")};
  const ZoneDiff diff = diff_zones(was, is);
  EXPECT_FALSE(diff.is_empty());
  EXPECT_EQ(diff_table(diff), "+ overlay lab.mesh\n0 added, 0 removed, 0 changed, 3 the same\n");
}

}  // namespace
}  // namespace meshdns::app
