#include "dns/plugin/address_filter.hpp"

#include <utility>

#include <fmt/format.h>

#include "dns/plugin/negative.hpp"
#include "dns/plugin/packet.hpp"
#include "dns/wire/reply_view.hpp"

namespace meshdns::plugin {
namespace {

bool answers_with(std::span<const std::uint8_t> response, std::uint16_t type) {
  const auto reply = wire::parse_reply(response);
  if (!reply || reply->extended_rcode != wire::rcode::NoError) {
    return false;
  }
  std::size_t at = wire::kHeaderSize + reply->question_size;
  for (unsigned i = wire::load16(&response[6]); i != 0; --i) {
    at = wire::skip_name(response, at);
    if (wire::load16(&response[at]) == type) {
      return true;
    }
    at += 10U + wire::load16(&response[at + 8]);
  }
  return false;
}

// Their signatures too.
bool is_of_type(const ldns_rr& record, ldns_rr_type type) {
  if (ldns_rr_get_type(&record) == LDNS_RR_TYPE_RRSIG) {
    const ldns_rdf* covered = ldns_rr_rrsig_typecovered(&record);
    return covered != nullptr && ldns_rdf2rr_type(covered) == type;
  }
  return ldns_rr_get_type(&record) == type;
}

// Takes the records of this type out of the list and returns the first of them.
Record take_out(ldns_rr_list& list, ldns_rr_type type) {
  Record first;
  std::size_t kept = 0;
  const std::span<ldns_rr*> records(list._rrs, ldns_rr_list_rr_count(&list));
  for (ldns_rr* record : records) {
    if (!is_of_type(*record, type)) {
      records[kept++] = record;
    } else if (first) {
      ldns_rr_free(record);
    } else {
      first.reset(record);
    }
  }
  ldns_rr_list_set_rr_count(&list, kept);
  return first;
}

bool has_soa(const ldns_rr_list& list) {
  for (std::size_t i = 0; i < ldns_rr_list_rr_count(&list); ++i) {
    if (ldns_rr_get_type(ldns_rr_list_rr(&list, i)) == LDNS_RR_TYPE_SOA) {
      return true;
    }
  }
  return false;
}

Record own_soa(const ldns_rdf& owner) {
  static const std::string text =
      fmt::format(". {} IN SOA localhost. nobody.invalid. 1 3600 1200 604800 {}", kNegativeTtl, kNegativeTtl);
  ldns_rr* made = nullptr;
  if (ldns_rr_new_frm_str(&made, text.c_str(), 0, nullptr, nullptr) != LDNS_STATUS_OK) {
    return nullptr;
  }
  Record soa(made);
  ldns_rdf_deep_free(ldns_rr_owner(made));
  ldns_rr_set_owner(made, ldns_rdf_clone(&owner));
  return soa;
}

}  // namespace

bool AddressFilter::is_needed(std::span<const std::uint8_t> response) const {
  return answers_with(response, options_.qtype);
}

bool AddressFilter::has_others(std::span<const std::uint8_t> other_response) const {
  return answers_with(other_response, other_type());
}

std::vector<std::uint8_t> AddressFilter::hide(std::span<const std::uint8_t> response) const {
  const Packet packet = parse_packet(response);
  if (!packet) {
    return {};
  }
  ldns_rr_list& answers = *ldns_pkt_answer(packet.get());
  const Record hidden = take_out(answers, static_cast<ldns_rr_type>(options_.qtype));
  ldns_rr_list& authority = *ldns_pkt_authority(packet.get());
  if (hidden && !has_soa(authority)) {
    if (Record soa = own_soa(*ldns_rr_owner(hidden.get()));
        soa && ldns_rr_list_push_rr(&authority, soa.get())) {
      static_cast<void>(soa.release());
    }
  }
  ldns_pkt_set_ancount(packet.get(), static_cast<std::uint16_t>(ldns_rr_list_rr_count(&answers)));
  ldns_pkt_set_nscount(packet.get(), static_cast<std::uint16_t>(ldns_rr_list_rr_count(&authority)));
  ldns_pkt_set_ad(packet.get(), false);
  return packet_octets(*packet);
}

std::string AddressFilter::text() const {
  return fmt::format("filter {}{}", options_.qtype == wire::type::A ? "a" : "aaaa",
                     options_.unless_only ? " unless-only" : "");
}

}  // namespace meshdns::plugin
