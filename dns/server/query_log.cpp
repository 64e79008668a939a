#include "dns/server/query_log.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "dns/server/zone_match.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::server {
namespace {

constexpr std::string_view kCommon =
    R"({remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" )"
    R"({rcode} {>rflags} {rsize} {duration})";
constexpr std::string_view kCombined =
    R"({remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" )"
    R"({rcode} {>rflags} {rsize} {duration} "{>opcode}")";

using Entry = QueryLogEntry;

std::uint16_t response_flags(const Entry& entry) {
  return wire::load16(&entry.response[2]);
}

std::size_t name_size(const Entry& entry) {
  return entry.question.size() - 4;
}

std::string ip_text(const SocketAddress& address) {
  return address.ip.is_v6 ? fmt::format("[{}]", address.ip.to_string()) : address.ip.to_string();
}

std::string flags_text(const Entry& entry) {
  constexpr std::array<std::pair<std::uint16_t, const char*>, 7> kNames{{{wire::flag::QR, "qr"},
                                                                         {wire::flag::AA, "aa"},
                                                                         {wire::flag::TC, "tc"},
                                                                         {wire::flag::RD, "rd"},
                                                                         {wire::flag::RA, "ra"},
                                                                         {wire::flag::AD, "ad"},
                                                                         {wire::flag::CD, "cd"}}};
  std::string text;
  for (const auto& [flag, name] : kNames) {
    if ((response_flags(entry) & flag) != 0) {
      text += text.empty() ? name : fmt::format(",{}", name);
    }
  }
  return text;
}

std::string folded_name_text(const Entry& entry) {
  std::array<std::uint8_t, wire::kMaxNameSize + 9> folded;
  wire::fold_name(entry.question.data(), name_size(entry), folded.data());
  return wire::name_text({folded.data(), name_size(entry)});
}

std::string buffer_size(const Entry& entry) {
  return fmt::to_string(entry.is_tcp ? 65535
                                     : std::max<unsigned>(entry.edns.udp_payload, wire::kPlainUdpLimit));
}

struct Placeholder {
  std::string_view name;
  std::string (*value)(const Entry&);
};

constexpr std::array<Placeholder, 16> kPlaceholders = {{
    {"type", [](const Entry& e) { return wire::type_text(wire::load16(&e.question[name_size(e)])); }},
    {"name", folded_name_text},
    {"class", [](const Entry& e) { return wire::class_text(wire::load16(&e.question[name_size(e) + 2])); }},
    {"proto", [](const Entry& e) { return std::string(e.is_tcp ? "tcp" : "udp"); }},
    {"remote", [](const Entry& e) { return ip_text(e.client); }},
    {"local", [](const Entry& e) { return ip_text(e.local); }},
    {"port", [](const Entry& e) { return fmt::to_string(e.client.port); }},
    {"size", [](const Entry& e) { return fmt::to_string(e.query_size); }},
    {"rcode", [](const Entry& e) { return wire::rcode_text(response_flags(e) & wire::flag::RcodeMask); }},
    {"rsize", [](const Entry& e) { return fmt::to_string(e.response.size()); }},
    {"duration",
     [](const Entry& e) { return fmt::format("{:.9f}s", std::chrono::duration<double>(e.took).count()); }},
    {">rflags", flags_text},
    {">bufsize", buffer_size},
    {">do", [](const Entry& e) { return std::string(e.edns.dnssec_ok ? "true" : "false"); }},
    {">id", [](const Entry& e) { return fmt::to_string(e.id); }},
    {">opcode", [](const Entry& e) { return fmt::to_string((e.flags & wire::flag::OpcodeMask) >> 11); }},
}};

std::string no_metadata(const Entry&) {
  return "-";
}

// True if there is no answer, and the authority section tells who else to ask.
bool is_delegation(std::span<const std::uint8_t> response) {
  std::size_t at = wire::kHeaderSize;
  for (unsigned question = wire::load16(&response[4]); question != 0 && at != 0; --question) {
    at = wire::skip_name(response, at);
    at = at == 0 ? 0 : at + 4;
  }
  at = at == 0 || wire::load16(&response[8]) == 0 ? 0 : wire::skip_name(response, at);
  return at != 0 && at + 2 <= response.size() && wire::load16(&response[at]) == wire::type::NS;
}

}  // namespace

LogFormat::LogFormat(std::string_view text) {
  take_apart(text);
}

void LogFormat::take_apart(std::string_view text) {
  std::string literal;
  const auto end_literal = [&] {
    if (!literal.empty()) {
      pieces_.push_back({.text = std::exchange(literal, {})});
    }
  };
  while (!text.empty()) {
    const std::size_t end = text.find('}');
    if (text.front() != '{' || end == std::string_view::npos) {
      literal += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::string_view name = text.substr(1, end - 1);
    const auto* const known = std::ranges::find(kPlaceholders, name, &Placeholder::name);
    if (name == "common" || name == "combined") {
      end_literal();
      take_apart(name == "common" ? kCommon : kCombined);
    } else if (known != kPlaceholders.end() || name.starts_with('/')) {
      end_literal();
      pieces_.push_back({.value = known != kPlaceholders.end() ? known->value : no_metadata});
    } else {
      literal += text.front();
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(end + 1);
  }
  end_literal();
}

std::string LogFormat::line(const QueryLogEntry& entry) const {
  std::string line;
  for (const Piece& piece : pieces_) {
    line += piece.value == nullptr ? piece.text : piece.value(entry);
  }
  return line;
}

QueryLog::QueryLog(const LogOptions& options)
    : zones_(options.zones),
      classes_(options.classes),
      format_(options.format.empty() ? kCommon : std::string_view(options.format)) {}

bool QueryLog::covers(std::span<const std::uint8_t> folded_qname) const noexcept {
  return is_below_any(zones_, folded_qname);
}

bool QueryLog::wants(std::span<const std::uint8_t> response) const noexcept {
  const std::uint16_t rcode = wire::load16(&response[2]) & wire::flag::RcodeMask;
  if (rcode == wire::rcode::NXDomain) {
    return classes_.denial;
  }
  if (rcode != wire::rcode::NoError) {
    return classes_.error;
  }
  const bool has_data = wire::load16(&response[6]) != 0 || is_delegation(response);
  return has_data ? classes_.success : classes_.denial;
}

}  // namespace meshdns::server
