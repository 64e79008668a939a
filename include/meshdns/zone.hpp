// MeshZone: what a mesh zone file says, as plain data. No packets here, no files, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>
#include <meshdns/ip_range.hpp>

namespace meshdns {

// Where something was written. `file` indexes MeshZone::files; line and column count from 1.
struct ZoneLocation {
  std::uint32_t file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

// A port that a name listens on; answers SRV for `_<name>._<protocol>.<host>` and
// `_<number>._<protocol>.<host>`.
struct ZonePort {
  std::uint16_t number = 0;
  std::string name;              // may be empty
  std::string protocol = "tcp";  // tcp, udp or sctp
};

// Whether a name is answered here for every type, or for addresses (and what would lead around them) only.
enum class NameMode : std::uint8_t {
  BySuffix,  // strict at or below an owned suffix, else overlay
  Strict,
  Overlay,
};

// One name with its addresses. `name` may start with the label `*` (RFC 4592).
struct ZoneRecord {
  DomainName name;
  std::vector<IpAddress> addresses;  // in file order, no duplicates; may be empty (NODATA for every type)
  std::vector<ZonePort> ports;
  std::uint32_t ttl_seconds = 30;  // 1..86400
  NameMode mode = NameMode::BySuffix;
  std::uint32_t resource = 0;  // index in MeshZone::origins of what made it: "Dataplane shop/cart-1"
  std::uint32_t rule = 0;      // and of why: "VirtualOutbound by-color"; 0: a plain record
  ZoneLocation where;          // the resource, or the record
};

// Two resources that claim the same name (or the same port of it). Exactly one of them got it.
struct ZoneClaim {
  std::uint32_t resource = 0;  // as in ZoneRecord
  std::uint32_t rule = 0;
  ZoneLocation where;
};

struct ZoneConflict {
  std::string name;
  std::string why;  // "same host name", "same port 80"
  ZoneClaim kept;
  ZoneClaim dropped;
};

// A range that virtual IPs are taken from. `mesh` is empty where all meshes share the range.
struct VipUsage {
  std::string purpose;  // "services and hosts", "MeshService", ...
  std::string mesh;
  IpRange range;
  std::size_t used = 0;      // addresses in use, those that resources bring along included
  std::size_t left_out = 0;  // names without address because the range is full
};

struct MeshZone {
  std::vector<std::string> files;  // as they were named by the operator
  std::vector<DomainName> owns;    // suffixes that never leave the host; unknown names below are NXDOMAIN
  std::vector<ZoneRecord> records;
  std::map<DomainName, std::string>
      spellings;  // names that their resource writes in upper case or with a dot
  // What Kuma publishes as well although nobody can ask for it: names with a label that is empty or longer
  // than 63 octets, and other spellings of a name that somebody else has.
  std::map<std::string, std::vector<IpAddress>> only_published;
  std::vector<DomainName> overlays;  // suffixes that are not owned although they lie below one that is
  std::map<std::string, std::string> extra_labels;  // for metrics (Kuma's `/dns` document)
  std::vector<std::string> origins{""};             // texts for ZoneRecord and ZoneClaim
  std::vector<ZoneConflict> conflicts;              // sorted by name; at most the first thousand
  std::size_t conflict_count = 0;                   // all of them
  std::vector<VipUsage> vips;
  std::vector<std::string> warnings;  // `file:line:column: message`

  // A name of `records` as its resource writes it.
  std::string spelling_of(const DomainName& name) const {
    const auto written = spellings.find(name);
    return written == spellings.end() ? name.to_string() : written->second;
  }
};

}  // namespace meshdns
