#include "dns/plugin/response_change.hpp"

#include <algorithm>
#include <optional>
#include <ranges>

#include "dns/plugin/packet.hpp"

namespace meshdns::plugin {
namespace {

// Which field of its data is a name that may change.
std::optional<std::size_t> name_field(ldns_rr_type type) {
  switch (type) {
    case LDNS_RR_TYPE_CNAME:
    case LDNS_RR_TYPE_DNAME:
    case LDNS_RR_TYPE_NS:
    case LDNS_RR_TYPE_PTR:
    case LDNS_RR_TYPE_SOA:
      return 0;
    case LDNS_RR_TYPE_MX:
      return 1;
    case LDNS_RR_TYPE_SRV:
      return 3;
    case LDNS_RR_TYPE_NAPTR:
      return 5;
    default:
      return std::nullopt;
  }
}

// Null: the name stays as it is.
RecordData mapped(const NameMapping& names, const ldns_rdf* name) {
  const std::unique_ptr<char, FreeWith<std::free>> text(ldns_rdf2str(name));
  if (!text) {
    return nullptr;
  }
  std::string lower(text.get());
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  const auto other = names.map(lower);
  return RecordData(other && *other != lower ? ldns_dname_new_frm_str(other->c_str()) : nullptr);
}

void apply(const OwnerChange& change, ldns_rr& record) {
  if (RecordData other = mapped(change.names, ldns_rr_owner(&record))) {
    ldns_rdf_deep_free(ldns_rr_owner(&record));
    ldns_rr_set_owner(&record, other.release());
  }
}

void apply(const ValueChange& change, ldns_rr& record) {
  const auto field = name_field(ldns_rr_get_type(&record));
  if (!field || *field >= ldns_rr_rd_count(&record)) {
    return;
  }
  if (RecordData other = mapped(change.names, ldns_rr_rdf(&record, *field))) {
    ldns_rdf_deep_free(ldns_rr_set_rdf(&record, other.release(), *field));
  }
}

void apply(const TtlChange& change, ldns_rr& record) {
  ldns_rr_set_ttl(&record, std::clamp(ldns_rr_ttl(&record), change.least, change.most));
}

void apply(const RcodeChange& /*change*/, ldns_rr& /*record*/) {}  // is about the message

void apply(std::span<const ResponseChange> changes, ldns_rr_list* records) {
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(records); ++i) {
    for (const ResponseChange& change : std::views::reverse(changes)) {
      std::visit([&](const auto& one) { apply(one, *ldns_rr_list_rr(records, i)); }, change);
    }
  }
}

void apply_rcodes(std::span<const ResponseChange> changes, ldns_pkt& packet) {
  for (const ResponseChange& change : std::views::reverse(changes)) {
    const auto* codes = std::get_if<RcodeChange>(&change);
    const unsigned code = ldns_pkt_get_rcode(&packet) | ldns_pkt_edns_extended_rcode(&packet) << 4;
    if (codes != nullptr && codes->from == code) {
      ldns_pkt_set_rcode(&packet, codes->to & 0xF);
      ldns_pkt_set_edns_extended_rcode(&packet, static_cast<std::uint8_t>(codes->to >> 4));
    }
  }
}

bool replace_question(ldns_pkt& packet, std::span<const std::uint8_t> question) {
  ldns_rr* record = nullptr;
  std::size_t at = 0;
  if (ldns_wire2rr(&record, question.data(), question.size(), &at, LDNS_SECTION_QUESTION) != LDNS_STATUS_OK) {
    return false;
  }
  ldns_rr_list_deep_free(ldns_pkt_question(&packet));
  ldns_pkt_set_question(&packet, ldns_rr_list_new());
  ldns_pkt_set_qdcount(&packet, 0);
  return ldns_pkt_push_rr(&packet, LDNS_SECTION_QUESTION, record);
}

}  // namespace

std::vector<std::uint8_t> change_response(std::span<const std::uint8_t> response,
                                          std::span<const std::uint8_t> question,
                                          std::span<const ResponseChange> changes) {
  const Packet packet = parse_packet(response);
  if (!packet || !replace_question(*packet, question)) {
    return {};
  }
  apply(changes, ldns_pkt_answer(packet.get()));
  apply(changes, ldns_pkt_authority(packet.get()));
  apply(changes, ldns_pkt_additional(packet.get()));
  apply_rcodes(changes, *packet);
  ldns_pkt_set_ad(packet.get(), false);  // nobody has checked what it says now
  return packet_octets(*packet);
}

}  // namespace meshdns::plugin
