// MasterZone: an authoritative zone in memory, and what it says of a name (RFC 1034 4.3.2, RFC 4592, RFC
// 6672).
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include <meshdns/domain_name.hpp>

#include "dns/plugin/name_map.hpp"
#include "dns/plugin/zone_answer.hpp"

namespace meshdns::plugin {

// Filled once; afterwards immutable, so that all workers share it.
class MasterZone {
 public:
  explicit MasterZone(DomainName apex);

  // The error says what is wrong with the record in this zone.
  std::expected<void, std::string> add(LocalRecord record);

  // The error says what the zone lacks.
  std::expected<void, std::string> check() const;

  // `name` lies in the zone. The answer must not outlive the zone.
  ZoneAnswer answer(const DomainName& name, std::uint16_t type) const;

  const DomainName& apex() const { return apex_; }

 private:
  struct Rrset {
    std::uint16_t type = 0;
    std::vector<LocalRecord> records;
  };
  struct Node {
    std::vector<Rrset> rrsets;  // none: an empty non-terminal

    const Rrset* find(std::uint16_t type) const;
    std::vector<LocalRecord>& of_type(std::uint16_t type);
  };
  struct Place;

  Node& make_node(const DomainName& name);
  const Node* find(std::span<const std::uint8_t> name) const;
  Place place_of(const DomainName& name, std::uint16_t type) const;
  std::optional<DomainName> answer_step(ZoneAnswer& out, const DomainName& name, std::uint16_t type) const;
  std::optional<DomainName> answer_from(ZoneAnswer& out, const Node& node, const DomainName& name,
                                        std::uint16_t type) const;
  static std::optional<DomainName> follow_dname(ZoneAnswer& out, const LocalRecord& dname,
                                                const DomainName& name);
  void refer(ZoneAnswer& out, const Rrset& delegation) const;
  void add_soa(ZoneAnswer& out) const;

  DomainName apex_;
  NameMap<Node> nodes_;
};

}  // namespace meshdns::plugin
