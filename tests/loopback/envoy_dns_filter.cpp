#include "tests/loopback/envoy_dns_filter.hpp"

#include <array>

#include "dns/wire/message.hpp"

namespace meshdns::test {
namespace {

using support::Bytes;
using support::Reaction;
using support::SeenQuery;

constexpr std::string_view kName = "\7backend\4mesh";  // with the root label, which ends the literal
constexpr std::array<std::uint8_t, 4> kAddress{240, 0, 0, 1};

// Header and question, without the OPT that the filter does not know.
Bytes reply_head(const SeenQuery& query, std::uint16_t rcode, std::uint16_t answers) {
  Bytes reply(query.message.begin(),
              query.message.begin() + static_cast<std::ptrdiff_t>(12 + query.question_size()));
  wire::store16(&reply[2], wire::flag::QR | (wire::load16(&query.message[2]) & wire::flag::RD) | rcode);
  wire::store16(&reply[6], answers);
  wire::store16(&reply[10], 0);
  return reply;
}

Bytes with_record(Bytes reply, std::uint16_t type, std::span<const std::uint8_t> rdata) {
  std::array<std::uint8_t, 12> head{0xC0, 12};
  wire::store16(&head[2], type);
  wire::store16(&head[4], wire::klass::IN);
  wire::store32(&head[6], 30);
  wire::store16(&head[10], static_cast<std::uint16_t>(rdata.size()));
  reply.insert(reply.end(), head.begin(), head.end());
  reply.insert(reply.end(), rdata.begin(), rdata.end());
  return reply;
}

Bytes filter_reply(const SeenQuery& query, FilterFamilies families) {
  const std::uint8_t* end = query.message.data() + 12 + query.question_size();
  const std::uint16_t type = wire::load16(end - 4);
  if (wire::load16(end - 2) != wire::klass::IN || query.id() == 0) {
    return reply_head(query, wire::rcode::FormErr, 0);
  }
  if (type != wire::type::A && type != wire::type::AAAA && type != wire::type::SRV) {
    return reply_head(query, wire::rcode::NotImp, 0);
  }
  const std::string_view name(reinterpret_cast<const char*>(&query.message[12]), query.question_size() - 4);
  if (name == std::string_view(kName.data(), kName.size() + 1)) {
    if (type == wire::type::A) {
      return with_record(reply_head(query, wire::rcode::NoError, 1), type, kAddress);
    }
    if (type == wire::type::AAAA && families == FilterFamilies::DualStack) {
      const std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 240, 0, 0, 1};
      return with_record(reply_head(query, wire::rcode::NoError, 1), type, mapped);
    }
  }
  return reply_head(query, wire::rcode::NXDomain, 0);
}

}  // namespace

support::ScriptedUpstream::Script envoy_dns_filter(FilterFamilies families) {
  return [families](const SeenQuery& query) { return Reaction{.messages = {filter_reply(query, families)}}; };
}

}  // namespace meshdns::test
