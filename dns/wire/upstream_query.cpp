#include "dns/wire/upstream_query.hpp"

#include <cstring>

namespace meshdns::wire {

UpstreamQuery make_upstream_query(const QueryView& query, std::uint16_t id) noexcept {
  UpstreamQuery made;
  std::uint8_t* out = made.bytes.data();
  const auto question = query.question();
  store16(out, id);
  store16(out + 2, query.flags & (flag::RD | flag::AD | flag::CD));
  store16(out + 4, 1);
  store16(out + 6, 0);
  store16(out + 8, 0);
  store16(out + 10, 1);
  std::memcpy(out + kHeaderSize, question.data(), question.size());
  made.question_size = question.size();
  std::uint8_t* opt = out + kHeaderSize + question.size();
  opt[0] = 0;
  store16(opt + 1, type::OPT);
  store16(opt + 3, kOwnUdpPayload);
  store32(opt + 5, query.edns.dnssec_ok ? 0x8000 : 0);
  store16(opt + 9, 0);
  made.size = kHeaderSize + question.size() + 11;
  return made;
}

}  // namespace meshdns::wire
