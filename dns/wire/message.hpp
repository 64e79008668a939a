// The constants of DNS messages that this server acts on, and big-endian access. Values: IANA "DNS
// Parameters".
#pragma once

#include <cstddef>
#include <cstdint>

namespace meshdns::wire {

inline constexpr std::size_t kHeaderSize = 12;
inline constexpr std::size_t kMaxNameSize = 255;  // RFC 1035 2.3.4, root label included
inline constexpr std::size_t kMaxMessageSize = 65535;
inline constexpr std::size_t kPlainUdpLimit = 512;     // RFC 1035 4.2.1, for clients without EDNS
inline constexpr std::size_t kMaxUdpQuery = 4096;      // what we accept
inline constexpr std::uint16_t kOwnUdpPayload = 1232;  // what we advertise (DNS flag day 2020)

namespace type {
inline constexpr std::uint16_t A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, HINFO = 13, MX = 15, TXT = 16,
                               AAAA = 28, SRV = 33, DNAME = 39, OPT = 41, DS = 43, SVCB = 64, HTTPS = 65,
                               IXFR = 251, AXFR = 252, ANY = 255;
}  // namespace type

namespace klass {
inline constexpr std::uint16_t IN = 1, CH = 3, ANY = 255;
}  // namespace klass

namespace rcode {
inline constexpr std::uint16_t NoError = 0, FormErr = 1, ServFail = 2, NXDomain = 3, NotImp = 4, Refused = 5,
                               BadVers = 16;
}  // namespace rcode

// RFC 8914.
namespace extended_error {
inline constexpr std::uint16_t None = 0, StaleAnswer = 3, Blocked = 15, Filtered = 17;  // 0 is "Other"
}  // namespace extended_error

namespace edns_option {
inline constexpr std::uint16_t Nsid = 3, ExtendedError = 15;
}  // namespace edns_option

namespace opcode {
inline constexpr std::uint8_t Query = 0, Notify = 4, Update = 5;
}  // namespace opcode

namespace flag {
inline constexpr std::uint16_t QR = 0x8000, OpcodeMask = 0x7800, AA = 0x0400, TC = 0x0200, RD = 0x0100,
                               RA = 0x0080, AD = 0x0020, CD = 0x0010, RcodeMask = 0x000F;
}  // namespace flag

inline std::uint16_t load16(const std::uint8_t* p) {
  return static_cast<std::uint16_t>(p[0] << 8 | p[1]);
}
inline std::uint32_t load32(const std::uint8_t* p) {
  return static_cast<std::uint32_t>(p[0]) << 24 | static_cast<std::uint32_t>(p[1]) << 16 |
         static_cast<std::uint32_t>(p[2]) << 8 | p[3];
}
inline void store16(std::uint8_t* p, std::uint16_t v) {
  p[0] = static_cast<std::uint8_t>(v >> 8);
  p[1] = static_cast<std::uint8_t>(v);
}
inline void store32(std::uint8_t* p, std::uint32_t v) {
  store16(p, static_cast<std::uint16_t>(v >> 16));
  store16(p + 2, static_cast<std::uint16_t>(v));
}

}  // namespace meshdns::wire
