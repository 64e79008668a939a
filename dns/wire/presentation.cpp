#include "dns/wire/presentation.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <memory>

#include <fmt/format.h>
#include <ldns/ldns.h>

#include "dns/wire/message.hpp"

namespace meshdns::wire {
namespace {

std::string take(char* text) {
  const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
  return text != nullptr ? std::string(text) : std::string();
}

}  // namespace

std::string type_text(std::uint16_t type) {
  return take(ldns_rr_type2str(static_cast<ldns_rr_type>(type)));
}

std::string class_text(std::uint16_t qclass) {
  return take(ldns_rr_class2str(static_cast<ldns_rr_class>(qclass)));
}

std::string rcode_text(std::uint16_t rcode) {
  if (rcode == rcode::NotImp) {
    return "NOTIMP";  // as IANA and everybody else call it
  }
  if (rcode == rcode::BadVers) {
    return "BADVERS";
  }
  const ldns_lookup_table* found = ldns_lookup_by_id(ldns_rcodes, rcode);
  return found != nullptr ? found->name : fmt::format("RCODE{}", rcode);
}

std::string name_text(std::span<const std::uint8_t> wire_name) {
  const std::unique_ptr<ldns_rdf, decltype(&ldns_rdf_deep_free)> name(
      ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, wire_name.size(), wire_name.data()), &ldns_rdf_deep_free);
  return take(ldns_rdf2str(name.get()));
}

std::optional<std::uint16_t> type_from_text(std::string_view text) {
  // RFC 3597; ldns would take what stands behind the digits, and numbers of any size.
  constexpr std::string_view kPrefix = "TYPE";
  const auto same = [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; };
  if (text.size() > kPrefix.size() && std::ranges::equal(text.substr(0, kPrefix.size()), kPrefix, same)) {
    std::uint16_t number = 0;
    const auto [end, failed] = std::from_chars(&text[kPrefix.size()], text.data() + text.size(), number);
    return failed == std::errc() && end == text.data() + text.size() && number != 0 ? std::optional(number)
                                                                                    : std::nullopt;
  }
  const ldns_rr_type type = ldns_get_rr_type_by_name(std::string(text).c_str());
  if (type == 0 || text.contains('\0')) {
    return std::nullopt;
  }
  return static_cast<std::uint16_t>(type);
}

std::optional<std::uint16_t> class_from_text(std::string_view text) {
  const ldns_rr_class found = ldns_get_rr_class_by_name(std::string(text).c_str());
  return found != 0 ? std::optional(static_cast<std::uint16_t>(found)) : std::nullopt;
}

std::optional<std::uint16_t> rcode_from_text(std::string_view text) {
  std::string name(text);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
  for (std::uint16_t rcode = 0; rcode <= rcode::BadVers; ++rcode) {
    if (rcode_text(rcode) == name) {
      return rcode;
    }
  }
  return std::nullopt;
}

}  // namespace meshdns::wire
