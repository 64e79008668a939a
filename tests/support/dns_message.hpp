// Messages for tests: queries are put together octet by octet, so that broken ones can be made too; replies
// are read by ldns, an independent judge.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshdns::test {

using Octets = std::vector<std::uint8_t>;

struct QuerySpec {
  std::string name;  // presentation format, case kept
  std::string type = "A";
  std::uint16_t id = 0x1234;
  std::uint16_t flags = 0x0100;  // RD
  std::uint16_t qclass = 1;
  std::optional<std::uint16_t> edns_size;  // adds an OPT
  bool dnssec_ok = false;
  std::uint8_t edns_version = 0;
  Octets edns_options;  // RDATA of the OPT
};

Octets make_query(const QuerySpec& spec);

struct Reply {
  Octets octets;
  std::uint16_t id = 0;
  std::uint16_t flags = 0;  // whole second header word
  std::string rcode;        // "NOERROR", extended code included
  bool aa = false, tc = false, rd = false, ra = false, ad = false, cd = false, qr = false;
  std::string question;  // name as received, case kept: "Backend.Mesh. IN A"; empty without question
  std::vector<std::string> answer;  // "backend.mesh. 30 IN A 240.0.0.1", single blanks
  std::vector<std::string> authority;
  std::vector<std::string> additional;  // without OPT
  bool has_opt = false;
  std::uint16_t opt_size = 0;
  bool opt_dnssec_ok = false;
  std::size_t opt_options_size = 0;  // octets of RDATA
};

// Nullopt if ldns cannot read it, if it has a second OPT, or if octets follow the last record.
std::optional<Reply> read_reply(std::span<const std::uint8_t> octets);

}  // namespace meshdns::test
