#include "dns/answer/answer_table_builder.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "dns/answer/compile_record.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::answer {
namespace {

constexpr std::uint32_t kInfrastructureTtl = 3600;  // NS and SOA never change their rdata

std::span<const std::uint8_t> parent_of(std::span<const std::uint8_t> name) {
  return name.subspan(name[0] + 1U);
}

void append_address_record(std::vector<std::uint8_t>& out, const IpAddress& address, std::uint32_t ttl) {
  std::uint8_t head[12] = {0xC0, 12};
  wire::store16(head + 2, address.is_v6 ? wire::type::AAAA : wire::type::A);
  wire::store16(head + 4, wire::klass::IN);
  wire::store32(head + 6, ttl);
  wire::store16(head + 10, static_cast<std::uint16_t>(address.bytes().size()));
  out.insert(out.end(), head, head + sizeof head);
  out.insert(out.end(), address.bytes().begin(), address.bytes().end());
}

// RFC 2782; the target is never compressed. Not through ldns, to whose text forms `;` and `(` in a name mean
// something.
std::vector<std::uint8_t> service_record(const ZoneRecord& target, std::uint16_t port) {
  const auto name = target.name.wire();
  std::vector<std::uint8_t> out(18);
  wire::store16(&out[0], 0xC000 | wire::kHeaderSize);
  wire::store16(&out[2], wire::type::SRV);
  wire::store16(&out[4], wire::klass::IN);
  wire::store32(&out[6], target.ttl_seconds);
  wire::store16(&out[10], static_cast<std::uint16_t>(6 + name.size()));
  wire::store16(&out[16], port);  // behind priority and weight, both 0
  out.insert(out.end(), name.begin(), name.end());
  return out;
}

}  // namespace

AnswerTableBuilder::AnswerTableBuilder(std::size_t expected_names, std::uint32_t serial) : serial_(serial) {
  std::size_t slots = 16;
  while (slots < expected_names * 2) {
    slots *= 2;
  }
  table_.slots_.resize(slots);
  table_.nodes_.reserve(expected_names + 16);
  const std::uint8_t root = 0;
  insert({&root, 1}, nullptr);
}

void AnswerTableBuilder::own(const DomainName& suffix) {
  const std::uint32_t index = node_at(suffix.wire());
  Node& node = table_.nodes_[index];
  node.suffix_size = static_cast<std::uint16_t>(suffix.wire().size());
  node.exists = true;
  node.is_strict = true;
  node.owns_below = true;
  node.ttl = kInfrastructureTtl;
  const auto soa = encode_record(fmt::format("{} IN SOA localhost. nobody.invalid. {} 3600 1200 604800 {}",
                                             kNegativeTtl, serial_, kNegativeTtl));
  add_other(index, wire::type::SOA, soa);
  add_other(index, wire::type::NS, encode_record(fmt::format("{} IN NS localhost.", kInfrastructureTtl)));
}

void AnswerTableBuilder::disown(const DomainName& suffix) {
  Node& node = table_.nodes_[node_at(suffix.wire())];
  node.suffix_size = 0;
  disown_below(node);
}

void AnswerTableBuilder::disown_below(const DomainName& overlay_name) {
  disown_below(table_.nodes_[node_at(overlay_name.wire())]);
}

void AnswerTableBuilder::add_vip_ranges(const std::vector<VipUsage>& usages) {
  auto& ranges = table_.vip_ranges_;
  for (const VipUsage& usage : usages) {
    if (std::ranges::find(ranges, usage.range) == ranges.end()) {
      ranges.push_back(usage.range);
    }
  }
  std::ranges::stable_sort(ranges, {}, &IpRange::prefix);
}

void AnswerTableBuilder::add(const ZoneRecord& record, std::uint32_t record_index) {
  const std::uint32_t index = node_at(record.name.wire());
  const auto is_v6 = [](const IpAddress& address) { return address.is_v6; };
  const auto v6_count = static_cast<std::size_t>(std::ranges::count_if(record.addresses, is_v6));
  if (record.addresses.size() > std::numeric_limits<std::uint16_t>::max()) {
    throw std::length_error(record.name.to_string() + " has more than 65535 addresses");
  }
  Node& node = table_.nodes_[index];
  node.record = record_index;
  node.exists = true;
  node.is_strict =
      record.mode == NameMode::BySuffix ? node.suffix_size != 0 : record.mode == NameMode::Strict;
  node.ttl = record.ttl_seconds;
  node.ipv4_count = static_cast<std::uint16_t>(record.addresses.size() - v6_count);
  node.ipv6_count = static_cast<std::uint16_t>(v6_count);
  node.ipv4_offset = records_size();
  for (const IpAddress& address : record.addresses) {
    if (!address.is_v6) {
      append_address_record(table_.records_, address, record.ttl_seconds);
    }
  }
  node.ipv6_offset = records_size();
  for (const IpAddress& address : record.addresses) {
    if (address.is_v6) {
      append_address_record(table_.records_, address, record.ttl_seconds);
    }
  }
  if (record.name.is_wildcard()) {
    table_.nodes_[node_at(parent_of(record.name.wire()))].wildcard = index;
  }
}

void AnswerTableBuilder::add_services(const ZoneRecord& record, std::uint32_t record_index) {
  for (const ZonePort& port : record.ports) {
    const auto srv = service_record(record, port.number);
    add_service(record, record_index, fmt::format("_{}", port.number), port.protocol, srv);
    if (!port.name.empty()) {
      add_service(record, record_index, "_" + port.name, port.protocol, srv);
    }
  }
}

bool AnswerTableBuilder::is_current(const ZoneRecord& record, std::uint32_t record_index) {
  return node_of(record).record == record_index;
}

void AnswerTableBuilder::add_reverse(const ZoneRecord& record) {
  const std::uint32_t index = node_at(record.name.wire());
  for (const IpAddress& address : record.addresses) {
    table_.reverse_.push_back({address, index});
  }
}

void AnswerTableBuilder::deny_empty_non_terminals() {
  for (Node& node : table_.nodes_) {
    if (node.record == AnswerTable::kNone && !node.has_other_rrsets) {
      node.exists = false;
    }
  }
}

AnswerTable AnswerTableBuilder::finish(std::size_t names) {
  set_top_bits();
  std::ranges::stable_sort(table_.reverse_, {}, &AnswerTable::Reverse::address);
  std::ranges::stable_sort(others_, {}, [](const Other& other) { return std::pair(other.node, other.type); });
  const auto repeated = std::ranges::unique(others_);  // port 80 named "80"
  others_.erase(repeated.begin(), repeated.end());
  for (const Other& other : others_) {
    auto& stored = table_.others_;
    if (stored.empty() || stored.back().node != other.node || stored.back().type != other.type) {
      stored.push_back({other.node, other.type, 0, records_size(), 0});
    }
    table_.records_.insert(table_.records_.end(), other.record.begin(), other.record.end());
    ++stored.back().count;
    stored.back().size += static_cast<std::uint32_t>(other.record.size());
  }
  table_.soa_ = encode_record(fmt::format("{} IN SOA localhost. nobody.invalid. {} 3600 1200 604800 {}",
                                          kNegativeTtl, serial_, kNegativeTtl));
  table_.minimal_any_ = encode_record(fmt::format("{} IN HINFO \"RFC8482\" \"\"", kInfrastructureTtl));
  table_.name_count_ = names;
  table_.nodes_.shrink_to_fit();
  table_.names_.shrink_to_fit();
  table_.records_.shrink_to_fit();
  table_.reverse_.shrink_to_fit();
  return std::move(table_);
}

std::uint32_t AnswerTableBuilder::records_size() const {
  if (table_.records_.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw std::length_error("more than 4 GiB of records");
  }
  return static_cast<std::uint32_t>(table_.records_.size());
}

void AnswerTableBuilder::disown_below(Node& node) {
  node.exists = false;
  node.is_strict = false;
  node.owns_below = false;
}

void AnswerTableBuilder::add_other(std::uint32_t node, std::uint16_t type, std::vector<std::uint8_t> record) {
  table_.nodes_[node].has_other_rrsets = true;
  others_.push_back({node, type, std::move(record)});
}

void AnswerTableBuilder::add_service(const ZoneRecord& record, std::uint32_t record_index,
                                     const std::string& service, const std::string& protocol,
                                     const std::vector<std::uint8_t>& srv) {
  const std::string label = "_" + protocol;
  std::vector<std::uint8_t> owner;
  for (const std::string& text : {service, label}) {
    owner.push_back(static_cast<std::uint8_t>(text.size()));
    owner.insert(owner.end(), text.begin(), text.end());
  }
  owner.insert(owner.end(), record.name.wire().begin(), record.name.wire().end());
  if (owner.size() > wire::kMaxNameSize || service.size() > 63) {
    throw std::length_error(
        fmt::format("{}.{}.{} is too long for a name", service, label, record.name.to_string()));
  }
  const DomainName folded = DomainName::from_wire(owner);
  const std::uint32_t index = node_at(folded.wire());
  Node& node = table_.nodes_[index];
  node.exists = true;
  if (node.record == AnswerTable::kNone) {
    node.record = record_index;
    node.is_strict = node_of(record).is_strict;
    node.ttl = record.ttl_seconds;
  }
  add_other(index, wire::type::SRV, srv);
}

// Every ancestor of a name is in the table: those right below the root tell which top labels there are.
void AnswerTableBuilder::set_top_bits() {
  const Node& root = table_.nodes_[0];
  if (root.owns_below || root.wildcard != AnswerTable::kNone) {
    table_.top_bits_ = ~std::uint64_t{0};
    return;
  }
  for (const Node& node : table_.nodes_) {
    const auto name = table_.name(node);
    if (name.size() > 1 && name.size() == name[0] + 2U) {
      table_.top_bits_ |= AnswerTable::top_bit(name);
    }
  }
}

std::uint32_t AnswerTableBuilder::node_at(std::span<const std::uint8_t> name) {
  padded_.assign(name.begin(), name.end());
  padded_.resize((name.size() + 7) & ~std::size_t{7});
  if (const Node* found = table_.lookup(padded_.data(), name.size())) {
    return static_cast<std::uint32_t>(found - table_.nodes_.data());
  }
  const std::uint32_t parent = node_at(parent_of(name));
  return insert(name, &table_.nodes_[parent]);
}

std::uint32_t AnswerTableBuilder::insert(std::span<const std::uint8_t> name, const Node* parent) {
  if (table_.names_.size() > std::numeric_limits<std::uint32_t>::max() - 256) {
    throw std::length_error("more than 4 GiB of names");
  }
  const auto index = static_cast<std::uint32_t>(table_.nodes_.size());
  Node node;
  node.name_offset = static_cast<std::uint32_t>(table_.names_.size());
  node.name_size = static_cast<std::uint8_t>(name.size());
  if (parent != nullptr) {
    node.suffix_size = parent->suffix_size;
    node.owns_below = parent->owns_below;
    node.exists = node.is_strict = parent->owns_below;
  }
  table_.names_.insert(table_.names_.end(), name.begin(), name.end());
  table_.names_.resize((table_.names_.size() + 7) & ~std::size_t{7});
  table_.nodes_.push_back(node);
  if (table_.nodes_.size() * 2 > table_.slots_.size()) {
    table_.slots_.assign(table_.slots_.size() * 2, {});
    for (std::uint32_t i = 0; i < index; ++i) {
      claim_slot(i);
    }
  }
  claim_slot(index);
  return index;
}

void AnswerTableBuilder::claim_slot(std::uint32_t index) {
  const Node& node = table_.nodes_[index];
  const std::uint64_t h = AnswerTable::hash(&table_.names_[node.name_offset], node.name_size);
  const std::size_t mask = table_.slots_.size() - 1;
  std::size_t at = (h >> 8) & mask;
  while (table_.slots_[at].node != AnswerTable::kNone) {
    at = (at + 1) & mask;
  }
  table_.slots_[at] = {static_cast<std::uint32_t>(h >> 32), index};
}

}  // namespace meshdns::answer
