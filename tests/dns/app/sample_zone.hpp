// A small mesh zone made by hand: two resources, a rule, a plain record, a conflict, a full range.
#pragma once

#include <string_view>

#include <meshdns/zone.hpp>

namespace meshdns::app {

inline DomainName name_of(std::string_view text) {
  return DomainName::parse(text).value();
}

inline IpAddress address_of(std::string_view text) {
  return IpAddress::parse(text).value();
}

inline MeshZone sample_zone() {
  MeshZone zone;
  zone.files = {"mesh.yaml"};
  zone.owns = {name_of("mesh")};
  zone.origins = {"", "Dataplane shop/cart-1", "Dataplane shop/stock-1", "VirtualOutbound by-color"};
  zone.records = {
      {.name = name_of("stock.mesh"),
       .addresses = {address_of("240.0.0.1"), address_of("::ffff:240.0.0.1")},
       .resource = 2,
       .where = {.line = 20, .column = 1}},
      {.name = name_of("blue.example"),
       .addresses = {address_of("240.0.0.0")},
       .ports = {{.number = 8080, .name = "http"}, {.number = 53, .protocol = "udp"}},
       .resource = 1,
       .rule = 3,
       .where = {.line = 5, .column = 1}},
      {.name = name_of("*.shops.mesh"),
       .addresses = {address_of("fd00::6")},
       .ttl_seconds = 5,
       .where = {.line = 40, .column = 5}},
  };
  zone.extra_labels = {{"zone", "east"}, {"mesh", "<shop>"}};
  zone.conflicts = {{.name = "blue.example",
                     .why = "same port 8080",
                     .kept = {.resource = 1, .rule = 3, .where = {.line = 5}},
                     .dropped = {.resource = 2, .rule = 3, .where = {.line = 20}}}};
  zone.conflict_count = 1;
  zone.vips = {{.purpose = "services and hosts",
                .mesh = "shop",
                .range = IpRange::parse("240.0.0.0/31").value(),
                .used = 2,
                .left_out = 3},
               {.purpose = "MeshService", .mesh = "", .range = IpRange::parse("241.0.0.0/8").value()}};
  return zone;
}

}  // namespace meshdns::app
