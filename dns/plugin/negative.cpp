#include "dns/plugin/negative.hpp"

#include <array>

#include "dns/plugin/record.hpp"

namespace meshdns::plugin {
namespace {

// localhost. nobody.invalid. 1 3600 1200 604800 5
constexpr std::array<std::uint8_t, 47> kSoa{
    9,   'l',  'o',  'c', 'a', 'l', 'h',  'o', 's', 't',  0,    6, 'n', 'o', 'b',         'o',
    'd', 'y',  7,    'i', 'n', 'v', 'a',  'l', 'i', 'd',  0,    0, 0,   0,   1,           0,
    0,   0x0E, 0x10, 0,   0,   4,   0xB0, 0,   9,   0x3A, 0x80, 0, 0,   0,   kNegativeTtl};

}  // namespace

void write_soa(wire::ResponseWriter& out, wire::Section section, const DomainName& zone) {
  write_record(out, section, {zone.wire(), wire::type::SOA, wire::klass::IN, kNegativeTtl, kSoa});
}

Verdict answer_negative(wire::ResponseWriter& out, const DomainName& zone, std::uint16_t rcode) {
  out.begin(rcode, wire::flag::AA | wire::flag::RA);
  write_soa(out, wire::Section::Authority, zone);
  return {.kind = Verdict::Kind::Answered};
}

}  // namespace meshdns::plugin
