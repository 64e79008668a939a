#include "dns/plugin/loadbalance.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include <meshdns/domain_name.hpp>

#include "dns/plugin/packet.hpp"
#include "dns/wire/reply_view.hpp"

namespace meshdns::plugin {
namespace {

// CNAMEs lead to the others. Those that take turns come last.
enum class Group : std::uint8_t { Alias, Other, Address, MailExchange };

Group group_of(std::uint16_t type) {
  switch (type) {
    case LDNS_RR_TYPE_CNAME:
      return Group::Alias;
    case LDNS_RR_TYPE_A:
    case LDNS_RR_TYPE_AAAA:
      return Group::Address;
    case LDNS_RR_TYPE_MX:
      return Group::MailExchange;
    default:
      return Group::Other;
  }
}

IpAddress address_of(const ldns_rr& record) {
  const auto octets = address_octets(record);
  IpAddress address;
  address.is_v6 = octets.size() == address.octets.size();
  std::ranges::copy(octets, address.octets.begin());
  return address;
}

// True if the order of the answers can matter at all. Most answers are one address, or a CNAME and one.
bool has_an_order(std::span<const std::uint8_t> message) {
  const auto response = wire::parse_reply(message);
  if (!response) {
    return false;
  }
  unsigned last = 0;
  std::array<unsigned, 4> count{};
  bool is_sorted = true;
  std::size_t at = wire::kHeaderSize + response->question_size;
  for (unsigned i = wire::load16(&message[6]); i != 0; --i) {
    at = wire::skip_name(message, at);
    const auto group = static_cast<unsigned>(group_of(wire::load16(&message[at])));
    ++count[group];
    is_sorted &= group >= last;
    last = group;
    at += 10U + wire::load16(&message[at + 8]);
  }
  return !is_sorted || count[static_cast<unsigned>(Group::Address)] > 1 ||
         count[static_cast<unsigned>(Group::MailExchange)] > 1;
}

std::minstd_rand& random_source() {
  thread_local std::minstd_rand source{std::random_device{}()};
  return source;
}

unsigned weight_of(const ldns_rr& record, const WeightTable& weights) {
  const ldns_rdf* owner = ldns_rr_owner(&record);
  const DomainName name = DomainName::from_wire({ldns_rdf_data(owner), ldns_rdf_size(owner)});
  return weights.weight(name.wire(), address_of(record));
}

// One of them, the more often the greater its weight, changes places with the first.
void put_one_first(std::span<ldns_rr*> addresses, const WeightTable& weights) {
  std::vector<unsigned> weight;
  for (const ldns_rr* record : addresses) {
    weight.push_back(weight_of(*record, weights));
  }
  std::discrete_distribution<std::size_t> choose(weight.begin(), weight.end());
  std::swap(addresses[0], addresses[choose(random_source())]);
}

}  // namespace

void Loadbalance::before_limit(const wire::QueryView& /*query*/, std::vector<std::uint8_t>& message) const {
  if (!has_an_order(message)) {
    return;
  }
  const Packet packet = parse_packet(message);
  if (!packet) {
    return;
  }
  ldns_rr_list& answers = *ldns_pkt_answer(packet.get());
  const std::span<ldns_rr*> records(answers._rrs, ldns_rr_list_rr_count(&answers));
  const auto group = [](const ldns_rr* record) {
    return group_of(static_cast<std::uint16_t>(ldns_rr_get_type(record)));
  };
  std::ranges::stable_sort(records, {}, group);
  const auto addresses = std::ranges::equal_range(records, Group::Address, {}, group);
  const auto exchanges = std::ranges::equal_range(records, Group::MailExchange, {}, group);
  if (!weights_) {
    std::ranges::shuffle(addresses, random_source());
    std::ranges::shuffle(exchanges, random_source());
  } else if (!addresses.empty()) {
    put_one_first({addresses.begin(), addresses.end()}, *weights_);
  }
  if (!prefer_.empty()) {
    std::ranges::stable_sort(addresses, {}, [&](const ldns_rr* record) {
      const IpAddress address = address_of(*record);
      return std::ranges::find_if(prefer_, [&](const IpRange& net) { return net.contains(address); });
    });
  }
  if (auto octets = packet_octets(*packet); !octets.empty()) {
    message = std::move(octets);
  }
}

}  // namespace meshdns::plugin
