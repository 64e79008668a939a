// ZoneAnswer: what a MasterZone says of a name.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <meshdns/domain_name.hpp>

#include "dns/plugin/record.hpp"

namespace meshdns::plugin {

// Its records point into the zone, or to what it keeps itself.
struct ZoneAnswer {
  ZoneAnswer() = default;
  ZoneAnswer(ZoneAnswer&&) noexcept = default;
  ZoneAnswer& operator=(ZoneAnswer&&) noexcept = default;

  std::uint16_t rcode = wire::rcode::NoError;
  bool is_authoritative = true;  // false: a referral
  std::vector<RecordView> answer;
  std::vector<RecordView> authority;
  std::vector<RecordView> additional;
  std::optional<DomainName> alias;  // what the last CNAME leads to, outside the zone

  std::deque<DomainName>
      names;  // owners that are not written in the zone; a deque, because records point to them
};

}  // namespace meshdns::plugin
