#include "dns/plugin/dns64.hpp"

#include <algorithm>
#include <array>

#include "dns/plugin/packet.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::plugin {
namespace {

constexpr std::uint32_t kMaxTtl = 600;  // RFC 6147 5.1.7, where there is no SOA

// In ::ffff:0:0/96, where IPv6 stands for IPv4.
bool is_mapped(std::span<const std::uint8_t, 16> ipv6) {
  constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::ranges::equal(kMapped, ipv6.first<12>());
}

// RFC 6052 2.2: the address stands behind the prefix, around octet 8, which is zero.
std::array<std::uint8_t, 16> embed(const IpRange& prefix, std::span<const std::uint8_t> ipv4) {
  std::array<std::uint8_t, 16> out = prefix.first.octets;
  std::size_t at = prefix.prefix / 8;
  for (const std::uint8_t octet : ipv4) {
    at += at == 8 ? 1 : 0;
    out[at++] = octet;
  }
  return out;
}

std::uint32_t ttl_limit(const ldns_pkt& response) {
  const ldns_rr_list* authority = ldns_pkt_authority(&response);
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(authority); ++i) {
    const ldns_rr* record = ldns_rr_list_rr(authority, i);
    if (ldns_rr_get_type(record) == LDNS_RR_TYPE_SOA) {
      return ldns_rr_ttl(record);
    }
  }
  return kMaxTtl;
}

void make_ipv6(ldns_rr& record, const IpRange& prefix, std::uint32_t ttl) {
  const auto address = embed(prefix, address_octets(record));
  ldns_rdf_deep_free(
      ldns_rr_set_rdf(&record, ldns_rdf_new_frm_data(LDNS_RDF_TYPE_AAAA, address.size(), address.data()), 0));
  ldns_rr_set_type(&record, LDNS_RR_TYPE_AAAA);
  ldns_rr_set_ttl(&record, std::min(ldns_rr_ttl(&record), ttl));
}

}  // namespace

bool Dns64::concerns(const wire::QueryView& query, const Client& client) const {
  const bool checks_itself = query.edns.dnssec_ok && (query.flags & wire::flag::CD) != 0;  // RFC 6147 5.5
  const bool is_over_ipv6 = client.address.ip.is_v6 && !is_mapped(client.address.ip.octets);
  return query.qtype == wire::type::AAAA && query.qclass == wire::klass::IN && !checks_itself &&
         (is_over_ipv6 || options_.allow_ipv4);
}

bool Dns64::is_needed(std::span<const std::uint8_t> response) const {
  const Packet packet = parse_packet(response);
  if (!packet || ldns_pkt_get_rcode(packet.get()) == LDNS_RCODE_NXDOMAIN) {
    return false;
  }
  if (options_.translate_all) {
    return true;
  }
  const ldns_rr_list* answers = ldns_pkt_answer(packet.get());
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(answers); ++i) {
    const ldns_rr& record = *ldns_rr_list_rr(answers, i);
    // RFC 6147 5.1.4: mapped addresses are taken for none.
    const auto octets = address_octets(record);
    if (octets.size() == 16 && !is_mapped(octets.first<16>())) {
      return false;
    }
  }
  return true;
}

std::vector<std::uint8_t> Dns64::synthesize(std::span<const std::uint8_t> response,
                                            std::span<const std::uint8_t> ipv4_response) const {
  const Packet asked = parse_packet(response);
  const Packet made = parse_packet(ipv4_response);
  if (!asked || !made || ldns_pkt_qdcount(made.get()) != 1 ||
      ldns_pkt_get_rcode(made.get()) != LDNS_RCODE_NOERROR) {
    return {};
  }
  bool is_made = false;
  const std::uint32_t ttl = ttl_limit(*asked);
  const ldns_rr_list* answers = ldns_pkt_answer(made.get());
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(answers); ++i) {
    ldns_rr& record = *ldns_rr_list_rr(answers, i);
    if (address_octets(record).size() == 4) {
      make_ipv6(record, options_.prefix, ttl);
      is_made = true;
    }
  }
  if (!is_made) {
    return {};
  }
  ldns_rr_set_type(ldns_rr_list_rr(ldns_pkt_question(made.get()), 0), LDNS_RR_TYPE_AAAA);
  ldns_pkt_set_ad(made.get(), false);
  return packet_octets(*made);
}

}  // namespace meshdns::plugin
