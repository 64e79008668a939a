#include "dns/plugin/append_answers.hpp"

#include "dns/plugin/packet.hpp"

namespace meshdns::plugin {

std::vector<std::uint8_t> append_answers(std::span<const std::uint8_t> response,
                                         std::span<const std::uint8_t> rest) {
  const Packet whole = parse_packet(response);
  const Packet added = parse_packet(rest);
  if (!whole || !added) {
    return {response.begin(), response.end()};
  }
  for (const ldns_pkt_section section : {LDNS_SECTION_ANSWER, LDNS_SECTION_AUTHORITY}) {
    const RecordList records(ldns_pkt_get_section_clone(added.get(), section));
    ldns_pkt_push_rr_list(whole.get(), section, records.get());
    // The records belong to the packet now.
    ldns_rr_list_set_rr_count(records.get(), 0);
  }
  ldns_pkt_set_rcode(whole.get(), ldns_pkt_get_rcode(added.get()));
  ldns_pkt_set_aa(whole.get(), ldns_pkt_aa(whole.get()) && ldns_pkt_aa(added.get()));
  return packet_octets(*whole);
}

}  // namespace meshdns::plugin
