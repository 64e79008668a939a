#include "dns/server/query_log.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "dns/wire/presentation.hpp"

namespace meshdns::server {
namespace {

std::string flags_text(std::uint16_t flags) {
  constexpr std::array<std::pair<std::uint16_t, const char*>, 7> kNames{{{wire::flag::QR, "qr"},
                                                                         {wire::flag::AA, "aa"},
                                                                         {wire::flag::TC, "tc"},
                                                                         {wire::flag::RD, "rd"},
                                                                         {wire::flag::RA, "ra"},
                                                                         {wire::flag::AD, "ad"},
                                                                         {wire::flag::CD, "cd"}}};
  std::string text;
  for (const auto& [flag, name] : kNames) {
    if ((flags & flag) != 0) {
      text += text.empty() ? name : fmt::format(",{}", name);
    }
  }
  return text;
}

std::string folded_name_text(std::span<const std::uint8_t> name) {
  std::array<std::uint8_t, wire::kMaxNameSize + 9> folded;
  wire::fold_name(name.data(), name.size(), folded.data());
  return wire::name_text({folded.data(), name.size()});
}

}  // namespace

std::string query_log_line(const QueryLogEntry& entry) {
  const auto& question = entry.question;
  const std::size_t name_size = question.size() - 4;
  const std::uint16_t flags = wire::load16(&entry.response[2]);
  const unsigned payload =
      entry.is_tcp ? 65535 : std::max<unsigned>(entry.edns.udp_payload, wire::kPlainUdpLimit);
  return fmt::format(R"({} - {} "{} {} {} {} {} {} {}" {} {} {} {:.9f}s)", entry.client.to_string(), entry.id,
                     wire::type_text(wire::load16(&question[name_size])),
                     wire::class_text(wire::load16(&question[name_size + 2])),
                     folded_name_text(question.first(name_size)), entry.is_tcp ? "tcp" : "udp",
                     entry.query_size, entry.edns.dnssec_ok, payload,
                     wire::rcode_text(flags & wire::flag::RcodeMask), flags_text(flags),
                     entry.response.size(), std::chrono::duration<double>(entry.took).count());
}

}  // namespace meshdns::server
