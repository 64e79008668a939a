#include "dns/plugin/zone_file.hpp"

#include <algorithm>
#include <utility>

#include "dns/plugin/master_file.hpp"
#include "dns/plugin/zones.hpp"

namespace meshdns::plugin {
namespace {

// False: not all records fit.
bool write_all(wire::ResponseWriter& out, wire::Section section, const std::vector<RecordView>& records) {
  return std::ranges::all_of(records,
                             [&](const RecordView& record) { return write_record(out, section, record); });
}

}  // namespace

Result<ZoneFile> ZoneFile::read(const FileOptions& options, const std::vector<DomainName>& block_zones) {
  std::vector<MasterZone> zones;
  for (const DomainName& apex : zones_or(options.zones, block_zones)) {
    auto zone = read_master_file(options.path, apex);
    if (!zone) {
      return fail(zone.error().code, "plugin/file: " + zone.error().what);
    }
    zones.push_back(*std::move(zone));
  }
  std::ranges::sort(zones, std::greater(), [](const MasterZone& zone) { return zone.apex().wire().size(); });
  return ZoneFile(options.path, options.fallthrough, std::move(zones));
}

const MasterZone* ZoneFile::zone_of_name(const DomainName& qname) const {
  const auto zone =
      std::ranges::find_if(zones_, [&](const MasterZone& each) { return qname.is_at_or_below(each.apex()); });
  return zone == zones_.end() ? nullptr : &*zone;
}

// Of a negative answer the SOA, of a referral the name servers.
Written ZoneFile::written(const wire::QueryView& query) const {
  Written written{.lines = {}, .read = read_};
  const DomainName qname = DomainName::from_wire(query.folded_qname());
  if (const MasterZone* zone = zone_of_name(qname)) {
    const ZoneAnswer found = zone->answer(qname, query.qtype);
    std::vector<std::uint32_t> lines;
    for (const RecordView& record : found.answer.empty() ? found.authority : found.answer) {
      if (std::ranges::find(lines, record.line) == lines.end()) {
        lines.push_back(record.line);
        written.lines.push_back({path_, record.line});
      }
    }
  }
  return written;
}

Verdict ZoneFile::answer(const wire::QueryView& query, const Client& /*client*/,
                         wire::ResponseWriter& out) const {
  const DomainName qname = DomainName::from_wire(query.folded_qname());
  const MasterZone* zone = zone_of_name(qname);
  if (zone == nullptr || query.qclass != wire::klass::IN) {
    return {};
  }
  if (query.qtype == wire::type::AXFR || query.qtype == wire::type::IXFR) {
    return {.kind = Verdict::Kind::Error, .rcode = wire::rcode::Refused};
  }
  ZoneAnswer found = zone->answer(qname, query.qtype);
  const bool is_unknown = found.rcode == wire::rcode::NXDomain && found.answer.empty();
  if (is_unknown && zone_of(fallthrough_, query.folded_qname()) != nullptr) {
    return {};
  }
  const std::uint16_t aa = found.is_authoritative ? wire::flag::AA : 0;
  out.begin(found.rcode, static_cast<std::uint16_t>(aa | wire::flag::RA));
  if (write_all(out, wire::Section::Answer, found.answer) &&
      write_all(out, wire::Section::Authority, found.authority)) {
    write_all(out, wire::Section::Additional, found.additional);
  }
  return {.kind = Verdict::Kind::Answered, .alias = std::move(found.alias)};
}

}  // namespace meshdns::plugin
