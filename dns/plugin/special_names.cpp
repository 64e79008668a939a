#include "dns/plugin/special_names.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "dns/plugin/negative.hpp"
#include "dns/plugin/record.hpp"
#include "dns/plugin/zones.hpp"

namespace meshdns::plugin {
namespace {

using namespace std::string_view_literals;
using wire::Section;

constexpr std::uint32_t kTtl = 604800;  // CoreDNS's

constexpr std::string_view kLocalhost = "\11localhost\0"sv;
constexpr std::string_view kLoopbackReverse =
    "\1"
    "1\1"
    "0\1"
    "0\3"
    "127\7in-addr\4arpa\0"sv;
constexpr std::array<std::uint8_t, 4> kIpv4{127, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> kIpv6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

enum class Kind : std::uint8_t { Localhost, Reverse, Absent };

struct Zone {
  std::string_view name;
  Kind kind;
  bool may_have_ds = false;  // so that validators see that it is not signed (RFC 8375 4)
};

constexpr std::array kZones{Zone{kLocalhost, Kind::Localhost},
                            Zone{"\1"
                                 "0\7in-addr\4arpa\0"sv,
                                 Kind::Reverse},
                            Zone{"\3"
                                 "127\7in-addr\4arpa\0"sv,
                                 Kind::Reverse},
                            Zone{"\3"
                                 "255\7in-addr\4arpa\0"sv,
                                 Kind::Reverse},
                            Zone{"\7invalid\0"sv, Kind::Absent},
                            Zone{"\5onion\0"sv, Kind::Absent},
                            Zone{"\4home\4arpa\0"sv, Kind::Absent, true}};

std::span<const std::uint8_t> octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Most names fail the comparison of the last octets.
const Zone* special_zone(std::span<const std::uint8_t> qname) {
  const std::string_view name(reinterpret_cast<const char*>(qname.data()), qname.size());
  const auto* const found = std::ranges::find_if(kZones, [&](const Zone& zone) {
    return name.ends_with(zone.name) && wire::is_at_or_below(qname, octets(zone.name));
  });
  return found == kZones.end() ? nullptr : found;
}

bool has_localhost_prefix(std::span<const std::uint8_t> qname) {
  const std::size_t size = kLocalhost.size() - 1;
  return qname.size() > size + 1 && std::ranges::equal(qname.first(size), octets(kLocalhost).first(size));
}

Verdict answer_record(wire::ResponseWriter& out, std::uint16_t type, std::span<const std::uint8_t> data) {
  out.begin(wire::rcode::NoError, wire::flag::AA | wire::flag::RA);
  write_record(out, Section::Answer, {out.query().folded_qname(), type, wire::klass::IN, kTtl, data});
  return {.kind = Verdict::Kind::Answered};
}

Verdict answer_addresses(const wire::QueryView& query, const DomainName& zone, wire::ResponseWriter& out) {
  if (query.qtype == wire::type::A) {
    return answer_record(out, query.qtype, kIpv4);
  }
  if (query.qtype == wire::type::AAAA) {
    return answer_record(out, query.qtype, kIpv6);
  }
  return answer_negative(out, zone, wire::rcode::NoError);
}

// What every zone has at its top; nothing else is there.
Verdict answer_apex(const wire::QueryView& query, const DomainName& zone, wire::ResponseWriter& out) {
  if (query.qtype == wire::type::NS) {
    return answer_record(out, query.qtype, octets(kLocalhost));
  }
  if (query.qtype == wire::type::SOA) {
    out.begin(wire::rcode::NoError, wire::flag::AA | wire::flag::RA);
    write_soa(out, Section::Answer, zone);
    return {.kind = Verdict::Kind::Answered};
  }
  return answer_negative(out, zone, wire::rcode::NoError);
}

// Of all addresses only 127.0.0.1 has a name.
Verdict answer_reverse(const wire::QueryView& query, const DomainName& zone, wire::ResponseWriter& out) {
  const auto loopback = octets(kLoopbackReverse);
  if (std::ranges::equal(query.folded_qname(), loopback) && query.qtype == wire::type::PTR) {
    return answer_record(out, query.qtype, octets(kLocalhost));
  }
  const bool exists = wire::is_at_or_below(loopback, query.folded_qname());
  return answer_negative(out, zone, exists ? wire::rcode::NoError : wire::rcode::NXDomain);
}

// Of the names below or in front of `localhost`, metrics have a count.
Verdict counted(Verdict verdict) {
  verdict.tally = 0;
  return verdict;
}

bool is_special(const DomainName& zone) {
  return special_zone(zone.wire()) != nullptr || has_localhost_prefix(zone.wire());
}

}  // namespace

SpecialNames::SpecialNames(Scope scope, const BlockOptions& block) : scope_(scope) {
  std::ranges::copy_if(block.zones, std::back_inserter(configured_), is_special);
  for (const ForwardOptions& forward : block.forward) {
    if (is_special(forward.from)) {
      configured_.push_back(forward.from);
    }
  }
}

std::vector<Tally> SpecialNames::tallies() const {
  if (scope_ == Scope::NeverForwarded) {
    return {};
  }
  return {{.metric = "local_localhost_requests", .labels = {}, .by_server = false}};
}

Verdict SpecialNames::answer(const wire::QueryView& query, const Client& /*client*/,
                             wire::ResponseWriter& out) const {
  const auto qname = query.folded_qname();
  const Zone* zone = special_zone(qname);
  const bool is_prefixed = zone == nullptr && scope_ == Scope::WithPrefix && has_localhost_prefix(qname);
  if ((zone == nullptr && !is_prefixed) || query.qclass != wire::klass::IN ||
      zone_of(configured_, qname) != nullptr) {
    return {};
  }
  if (is_prefixed) {
    return counted(answer_addresses(query, DomainName::from_wire(qname), out));
  }
  const DomainName apex = DomainName::from_wire(octets(zone->name));
  if (zone->kind == Kind::Absent) {
    const bool passes =
        scope_ != Scope::NeverForwarded || (zone->may_have_ds && query.qtype == wire::type::DS);
    return passes ? Verdict() : answer_negative(out, apex, wire::rcode::NXDomain);
  }
  const bool is_apex = qname.size() == zone->name.size();
  if (zone->kind == Kind::Localhost) {
    const bool is_infrastructure = query.qtype == wire::type::SOA || query.qtype == wire::type::NS;
    if (is_apex) {
      return is_infrastructure ? answer_apex(query, apex, out) : answer_addresses(query, apex, out);
    }
    return scope_ == Scope::NeverForwarded ? answer_addresses(query, apex, out)
                                           : counted(answer_addresses(query, apex, out));
  }
  return is_apex ? answer_apex(query, apex, out) : answer_reverse(query, apex, out);
}

}  // namespace meshdns::plugin
