#include "dns/plugin/whoami.hpp"

#include <array>
#include <string_view>
#include <vector>

#include "dns/plugin/record.hpp"

namespace meshdns::plugin {
// An answer without records, but for its additional section: the address of the client at the name that it
// asked for, and `_udp.` or `_tcp.` before it a SRV record with its port. The TTL is 0.
Verdict Whoami::answer(const wire::QueryView& query, const Client& client, wire::ResponseWriter& out) const {
  using namespace std::string_view_literals;
  const SocketAddress& from = client.address;
  const auto qname = query.folded_qname();
  out.begin(wire::rcode::NoError, wire::flag::AA | wire::flag::RA);
  write_record(out, wire::Section::Additional,
               {qname, from.ip.is_v6 ? wire::type::AAAA : wire::type::A, query.qclass, 0, from.ip.bytes()});

  const std::string_view label = client.is_tcp ? "\4_tcp"sv : "\4_udp"sv;
  std::vector<std::uint8_t> owner(label.begin(), label.end());
  owner.insert(owner.end(), qname.begin(), qname.end());
  if (owner.size() <= wire::kMaxNameSize) {
    std::array<std::uint8_t, 7> service{};  // priority 0, weight 0, target "."
    wire::store16(&service[4], from.port);
    write_record(out, wire::Section::Additional, {owner, wire::type::SRV, query.qclass, 0, service});
  }
  return {.kind = Verdict::Kind::Answered};
}

}  // namespace meshdns::plugin
