#include "dns/plugin/master_zone.hpp"

#include <algorithm>
#include <utility>

#include "dns/wire/wire_name.hpp"

namespace meshdns::plugin {
namespace {

constexpr int kMaxAliases = 8;  // that are followed inside the zone
constexpr std::uint16_t kYxDomain = 6;
constexpr std::uint16_t kRrsig = 46;
constexpr std::uint16_t kNsec = 47;

RecordView with_owner(const LocalRecord& record, const DomainName& owner) {
  return {owner.wire(), record.type, record.qclass, record.ttl, record.data, record.line};
}

// RFC 2308 3: a negative answer lives as long as the SOA, and as long as the SOA says.
std::uint32_t negative_ttl(const LocalRecord& soa) {
  return std::min(soa.ttl, wire::load32(&soa.data[soa.data.size() - 4]));
}

bool may_stand_beside_cname(std::uint16_t type) {
  return type == wire::type::CNAME || type == kRrsig || type == kNsec;
}

}  // namespace

// Where a name belongs: at a node of its own, or below the last one that exists on the way to it.
struct MasterZone::Place {
  const Node* node = nullptr;  // null: the name does not exist
  std::span<const std::uint8_t> encloser;
  const Rrset* delegation = nullptr;  // what lies there belongs to another zone
  const Rrset* dname = nullptr;
};

const MasterZone::Rrset* MasterZone::Node::find(std::uint16_t type) const {
  const auto found = std::ranges::find(rrsets, type, &Rrset::type);
  return found == rrsets.end() ? nullptr : &*found;
}

std::vector<LocalRecord>& MasterZone::Node::of_type(std::uint16_t type) {
  const auto found = std::ranges::find(rrsets, type, &Rrset::type);
  return found == rrsets.end() ? rrsets.emplace_back(type).records : found->records;
}

MasterZone::MasterZone(DomainName apex) : apex_(std::move(apex)) {
  make_node(apex_);
}

std::expected<void, std::string> MasterZone::add(LocalRecord record) {
  const DomainName owner = DomainName::from_wire(record.owner);
  record.owner.assign(owner.wire().begin(), owner.wire().end());
  if (record.qclass != wire::klass::IN) {
    return std::unexpected("a record of another class than IN");
  }
  if (!owner.is_at_or_below(apex_)) {
    return std::unexpected(owner.to_string() + " lies outside the zone " + apex_.to_string());
  }
  Node& node = make_node(owner);
  const bool is_soa = record.type == wire::type::SOA;
  if (is_soa && owner != apex_) {
    return std::unexpected("a SOA at " + owner.to_string() + ", which is not the top of the zone");
  }
  const bool has_others = std::ranges::any_of(
      node.rrsets, [](const Rrset& rrset) { return !may_stand_beside_cname(rrset.type); });
  const bool is_cname = record.type == wire::type::CNAME;
  if (is_cname ? has_others
               : node.find(wire::type::CNAME) != nullptr && !may_stand_beside_cname(record.type)) {
    return std::unexpected("a CNAME beside other records at " + owner.to_string());
  }
  auto& records = node.of_type(record.type);
  if (std::ranges::find(records, record.data, &LocalRecord::data) != records.end()) {
    return {};
  }
  if (!records.empty() && (is_soa || is_cname || record.type == wire::type::DNAME)) {
    return std::unexpected("a second SOA, CNAME or DNAME at " + owner.to_string());
  }
  record.ttl = records.empty() ? record.ttl : records.front().ttl;  // RFC 2181 5.2
  records.push_back(std::move(record));
  return {};
}

std::expected<void, std::string> MasterZone::check() const {
  if (find(apex_.wire())->find(wire::type::SOA) == nullptr) {
    return std::unexpected("no SOA record of " + apex_.to_string());
  }
  return {};
}

// With every node there are those above it, up to the top.
MasterZone::Node& MasterZone::make_node(const DomainName& name) {
  const auto [at, is_new] = nodes_.try_emplace(std::string(name_key(name.wire())));
  Node& node = at->second;
  if (is_new && name != apex_) {
    make_node(name.parent());
  }
  return node;
}

const MasterZone::Node* MasterZone::find(std::span<const std::uint8_t> name) const {
  const auto found = nodes_.find(name_key(name));
  return found == nodes_.end() ? nullptr : &found->second;
}

ZoneAnswer MasterZone::answer(const DomainName& name, std::uint16_t type) const {
  ZoneAnswer out;
  std::optional<DomainName> next = name;
  for (int aliases = 0; next && aliases <= kMaxAliases; ++aliases) {
    if (!next->is_at_or_below(apex_)) {
      out.alias = std::move(next);
      break;
    }
    next = answer_step(out, *next, type);
  }
  return out;
}

// Returns the name to go on with.
std::optional<DomainName> MasterZone::answer_step(ZoneAnswer& out, const DomainName& name,
                                                  std::uint16_t type) const {
  const Place place = place_of(name, type);
  if (place.delegation != nullptr) {
    refer(out, *place.delegation);
    return std::nullopt;
  }
  if (place.dname != nullptr) {
    return follow_dname(out, place.dname->records.front(), name);
  }
  if (place.node != nullptr) {
    return answer_from(out, *place.node, name, type);
  }
  std::vector<std::uint8_t> wildcard{1, '*'};
  wildcard.insert(wildcard.end(), place.encloser.begin(), place.encloser.end());
  if (const Node* node = find(wildcard)) {
    return answer_from(out, *node, name, type);
  }
  out.rcode = wire::rcode::NXDomain;
  add_soa(out);
  return std::nullopt;
}

// From the top of the zone down.
MasterZone::Place MasterZone::place_of(const DomainName& name, std::uint16_t type) const {
  const auto whole = name.wire();
  std::vector<std::span<const std::uint8_t>> way;  // the name first, the top last
  for (auto rest = whole; rest.size() >= apex_.wire().size(); rest = rest.subspan(rest[0] + 1U)) {
    way.push_back(rest);
    if (rest.size() == 1) {
      break;
    }
  }
  Place place;
  for (auto at = way.rbegin(); at != way.rend(); ++at) {
    const Node* node = find(*at);
    if (node == nullptr) {
      return place;
    }
    const bool is_top = at == way.rbegin();
    const bool is_name = std::next(at) == way.rend();
    place.encloser = *at;
    place.node = is_name ? node : nullptr;
    place.delegation = is_top || (is_name && type == wire::type::DS) ? nullptr : node->find(wire::type::NS);
    place.dname = is_name ? nullptr : node->find(wire::type::DNAME);
    if (place.delegation != nullptr || place.dname != nullptr) {
      return place;
    }
  }
  return place;
}

std::optional<DomainName> MasterZone::answer_from(ZoneAnswer& out, const Node& node, const DomainName& name,
                                                  std::uint16_t type) const {
  const DomainName& owner = out.names.emplace_back(name);
  const auto take = [&](const Rrset& rrset) {
    for (const LocalRecord& record : rrset.records) {
      out.answer.push_back(with_owner(record, owner));
    }
  };
  if (type == wire::type::ANY && !node.rrsets.empty()) {
    std::ranges::for_each(node.rrsets, take);
    return std::nullopt;
  }
  if (const Rrset* rrset = node.find(type)) {
    take(*rrset);
    return std::nullopt;
  }
  if (const Rrset* cname = node.find(wire::type::CNAME)) {
    take(*cname);
    return DomainName::from_wire(cname->records.front().data);
  }
  add_soa(out);
  return std::nullopt;
}

std::optional<DomainName> MasterZone::follow_dname(ZoneAnswer& out, const LocalRecord& dname,
                                                   const DomainName& name) {
  out.answer.emplace_back(dname);
  std::vector<std::uint8_t> target(name.wire().begin(), name.wire().end());
  target.resize(target.size() - dname.owner.size());
  target.insert(target.end(), dname.data.begin(), dname.data.end());
  if (target.size() > wire::kMaxNameSize) {
    out.rcode = kYxDomain;
    return std::nullopt;
  }
  const DomainName& owner = out.names.emplace_back(name);
  const DomainName& alias = out.names.emplace_back(DomainName::from_wire(target));
  out.answer.emplace_back(owner.wire(), wire::type::CNAME, wire::klass::IN, dname.ttl, alias.wire(),
                          dname.line);
  return alias;
}

void MasterZone::refer(ZoneAnswer& out, const Rrset& delegation) const {
  out.is_authoritative = !out.answer.empty();
  for (const LocalRecord& server : delegation.records) {
    out.authority.emplace_back(server);
    const DomainName host = DomainName::from_wire(server.data);
    const Node* node = host.is_at_or_below(apex_) ? find(host.wire()) : nullptr;
    for (const std::uint16_t type : {wire::type::A, wire::type::AAAA}) {
      const Rrset* glue = node != nullptr ? node->find(type) : nullptr;
      if (glue != nullptr) {
        out.additional.insert(out.additional.end(), glue->records.begin(), glue->records.end());
      }
    }
  }
}

void MasterZone::add_soa(ZoneAnswer& out) const {
  const LocalRecord& soa = find(apex_.wire())->find(wire::type::SOA)->records.front();
  out.authority.emplace_back(soa.owner, soa.type, soa.qclass, negative_ttl(soa), soa.data, soa.line);
}

}  // namespace meshdns::plugin
