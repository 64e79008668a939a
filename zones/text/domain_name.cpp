#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <ldns/dname.h>
#include <ldns/rdata.h>
#include <ldns/str2host.h>

#include <meshdns/domain_name.hpp>

namespace meshdns {
namespace {

constexpr std::size_t kMaxLabelOctets = 63;
constexpr std::size_t kMaxNameOctets = 255;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Length octets are at most 63 and so never look like an upper-case letter: the whole wire form can be
// folded.
void fold(std::string& wire) {
  std::ranges::transform(wire, wire.begin(), lower);
}

bool is_plain(char c) {
  c = lower(c);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '*';
}

// Nearly every name of a large zone is of this kind, and ldns takes several times as long. Whatever does not
// fit, faults included, is left to ldns.
std::optional<std::string> plain_name_to_wire(std::string_view text) {
  if (text.ends_with('.')) {
    text.remove_suffix(1);
  }
  if (text.empty() || text.size() + 2 > kMaxNameOctets) {
    return std::nullopt;
  }
  std::string wire(text.size() + 2, '\0');
  std::size_t length_at = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == '.') {
      const std::size_t length = i - length_at;
      if (length == 0 || length > kMaxLabelOctets) {
        return std::nullopt;
      }
      wire[length_at] = static_cast<char>(length);
      length_at = i + 1;
    } else if (is_plain(text[i])) {
      wire[i + 1] = lower(text[i]);
    } else {
      return std::nullopt;
    }
  }
  return wire;
}

std::string describe(ldns_status status) {
  switch (status) {
    case LDNS_STATUS_DOMAINNAME_UNDERFLOW:
      return "empty name";
    case LDNS_STATUS_EMPTY_LABEL:
      return "empty label";
    case LDNS_STATUS_LABEL_OVERFLOW:
      return fmt::format("label longer than {} octets", kMaxLabelOctets);
    case LDNS_STATUS_DOMAINNAME_OVERFLOW:
      return fmt::format("name longer than {} octets", kMaxNameOctets);
    case LDNS_STATUS_DDD_OVERFLOW:
    case LDNS_STATUS_SYNTAX_BAD_ESCAPE:
      return "bad escape, expected '\\' and a character or three digits up to 255";
    default:
      return ldns_get_errorstr_by_id(status);
  }
}

std::optional<std::string> find_bad_character(std::string_view text) {
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      return "white space in a name";
    }
    if (octet < 0x20 || octet == 0x7f) {
      return "control character in a name";
    }
    if (octet >= 0x80) {
      return "character outside ASCII, expected the xn-- form of the label";
    }
  }
  return std::nullopt;
}

}  // namespace

std::expected<DomainName, std::string> DomainName::parse(std::string_view text) {
  if (auto wire = plain_name_to_wire(text)) {
    return DomainName(std::move(*wire));
  }
  if (auto problem = find_bad_character(text)) {
    return std::unexpected(std::move(*problem));
  }
  ldns_rdf* raw = nullptr;
  const ldns_status status = ldns_str2rdf_dname(&raw, std::string(text).c_str());
  const std::unique_ptr<ldns_rdf, decltype(&ldns_rdf_deep_free)> rdf(raw, &ldns_rdf_deep_free);
  if (status != LDNS_STATUS_OK) {
    return std::unexpected(describe(status));
  }
  return from_wire({ldns_rdf_data(raw), ldns_rdf_size(raw)});
}

DomainName DomainName::from_wire(std::span<const std::uint8_t> wire) {
  std::string folded(wire.begin(), wire.end());
  fold(folded);
  return DomainName(std::move(folded));
}

std::string DomainName::to_string() const {
  if (is_root()) {
    return ".";
  }
  std::string text;
  text.reserve(wire_.size());
  for (std::size_t at = 0; wire_[at] != '\0'; at += 1U + static_cast<unsigned char>(wire_[at])) {
    if (at != 0) {
      text += '.';
    }
    for (const char c : std::string_view(wire_).substr(at + 1, static_cast<unsigned char>(wire_[at]))) {
      if (c == '.' || c == '\\') {
        text += '\\';
        text += c;
      } else if (c > ' ' && c < '\x7f') {
        text += c;
      } else {
        fmt::format_to(std::back_inserter(text), "\\{:03}", static_cast<unsigned char>(c));
      }
    }
  }
  return text;
}

std::size_t DomainName::label_count() const {
  std::size_t count = 0;
  for (std::size_t at = 0; wire_[at] != '\0'; at += 1U + static_cast<unsigned char>(wire_[at])) {
    ++count;
  }
  return count;
}

DomainName DomainName::parent() const {
  return is_root() ? *this : DomainName(wire_.substr(1U + static_cast<unsigned char>(wire_[0])));
}

bool DomainName::is_at_or_below(const DomainName& ancestor) const {
  if (ancestor.wire_.size() > wire_.size()) {
    return false;
  }
  // The tail must also begin at a label: octets inside a label may look like a length.
  const std::size_t tail = wire_.size() - ancestor.wire_.size();
  std::size_t at = 0;
  while (at < tail) {
    at += 1U + static_cast<unsigned char>(wire_[at]);
  }
  return at == tail && wire_.ends_with(ancestor.wire_);
}

}  // namespace meshdns
