#include "dns/wire/record_text.hpp"

#include <cstdlib>
#include <memory>
#include <optional>  // before ldns, which defines `false`

#include <ldns/ldns.h>

#include "dns/wire/presentation.hpp"

namespace meshdns::wire {
namespace {

// What ldns writes behind "owner TTL class type", each followed by a tab.
std::string data_of(const ldns_rr& record) {
  const std::unique_ptr<char, decltype(&std::free)> owner(ldns_rr2str(&record), &std::free);
  std::string_view text = owner ? std::string_view(owner.get()) : std::string_view();
  for (int field = 0; field < 4; ++field) {
    const std::size_t tab = text.find('\t');
    text = tab == std::string_view::npos ? std::string_view() : text.substr(tab + 1);
  }
  return std::string(text.substr(0, text.find('\n')));
}

void add(std::string_view section, const ldns_rr_list* records, std::vector<RecordText>& texts) {
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(records); ++i) {
    const ldns_rr& record = *ldns_rr_list_rr(records, i);
    const ldns_rdf* name = ldns_rr_owner(&record);
    texts.push_back({.section = section,
                     .name = name_text({ldns_rdf_data(name), ldns_rdf_size(name)}),
                     .ttl = ldns_rr_ttl(&record),
                     .type = type_text(static_cast<std::uint16_t>(ldns_rr_get_type(&record))),
                     .data = data_of(record)});
  }
}

}  // namespace

std::vector<RecordText> record_texts(std::span<const std::uint8_t> message) {
  ldns_pkt* parsed = nullptr;
  if (ldns_wire2pkt(&parsed, message.data(), message.size()) != LDNS_STATUS_OK) {
    return {};
  }
  const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet(parsed, &ldns_pkt_free);
  std::vector<RecordText> texts;
  add("answer", ldns_pkt_answer(packet.get()), texts);
  add("authority", ldns_pkt_authority(packet.get()), texts);
  add("additional", ldns_pkt_additional(packet.get()), texts);
  return texts;
}

}  // namespace meshdns::wire
