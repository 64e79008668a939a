#include "dns/plugin/own_query.hpp"

#include <algorithm>
#include <array>

namespace meshdns::plugin {

std::vector<std::uint8_t> own_query(const wire::QueryView& query, const OwnQuestion& question) {
  std::vector<std::uint8_t> octets(wire::kHeaderSize);
  wire::store16(octets.data(), query.id);
  wire::store16(&octets[2], question.flags);
  wire::store16(&octets[4], 1);
  wire::store16(&octets[10], query.edns.present ? 1 : 0);
  octets.insert(octets.end(), question.qname.begin(), question.qname.end());
  std::array<std::uint8_t, 4 + 11> rest{};
  wire::store16(rest.data(), question.qtype);
  wire::store16(&rest[2], question.qclass);
  wire::store16(&rest[5], wire::type::OPT);
  wire::store16(&rest[7], query.edns.udp_payload);
  wire::store16(&rest[11], query.edns.dnssec_ok ? 0x8000 : 0);
  octets.insert(octets.end(), rest.begin(), rest.begin() + (query.edns.present ? rest.size() : 4));
  return octets;
}

}  // namespace meshdns::plugin
