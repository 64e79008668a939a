#include "tests/support/made_reply.hpp"

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <ldns/ldns.h>

namespace meshdns::test {
namespace {

using Packet = std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)>;

Packet read(std::span<const std::uint8_t> message) {
  ldns_pkt* packet = nullptr;
  if (ldns_wire2pkt(&packet, message.data(), message.size()) != LDNS_STATUS_OK) {
    throw std::invalid_argument("not a message");
  }
  return {packet, &ldns_pkt_free};
}

void push(ldns_pkt& packet, ldns_pkt_section section, const std::vector<std::string>& records) {
  for (const std::string& text : records) {
    ldns_rr* record = nullptr;
    if (ldns_rr_new_frm_str(&record, text.c_str(), 0, nullptr, nullptr) != LDNS_STATUS_OK) {
      throw std::invalid_argument(text);
    }
    ldns_pkt_push_rr(&packet, section, record);
  }
}

}  // namespace

Octets make_reply(std::span<const std::uint8_t> query, const MadeReply& reply) {
  const Packet asked = read(query);
  const Packet made(ldns_pkt_new(), &ldns_pkt_free);
  ldns_pkt_set_id(made.get(), ldns_pkt_id(asked.get()));
  ldns_pkt_push_rr(made.get(), LDNS_SECTION_QUESTION,
                   ldns_rr_clone(ldns_rr_list_rr(ldns_pkt_question(asked.get()), 0)));
  push(*made, LDNS_SECTION_ANSWER, reply.answer);
  push(*made, LDNS_SECTION_AUTHORITY, reply.authority);
  push(*made, LDNS_SECTION_ADDITIONAL, reply.additional);
  if (reply.with_opt) {
    ldns_pkt_set_edns_udp_size(made.get(), 1232);
  }
  std::uint8_t* octets = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&octets, made.get(), &size) != LDNS_STATUS_OK) {
    throw std::invalid_argument("too large");
  }
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> owner(octets, &std::free);
  Octets message(octets, octets + size);
  const unsigned flags = reply.flags | (ldns_pkt_rd(asked.get()) ? 0x0100U : 0U);
  message[2] = static_cast<std::uint8_t>(flags >> 8);
  message[3] = static_cast<std::uint8_t>(flags);
  return message;
}

}  // namespace meshdns::test
