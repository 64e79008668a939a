#include "dns/plugin/chaos.hpp"

#include <string_view>

#include "dns/plugin/record.hpp"

namespace meshdns::plugin {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kMaxText = 255;  // of one string of a TXT record

// False: it does not fit any more.
bool write_text(wire::ResponseWriter& out, const std::string& text) {
  const std::string_view fitting = std::string_view(text).substr(0, kMaxText);
  std::vector<std::uint8_t> data(1, static_cast<std::uint8_t>(fitting.size()));
  data.insert(data.end(), fitting.begin(), fitting.end());
  return write_record(out, wire::Section::Answer,
                      {out.query().folded_qname(), wire::type::TXT, wire::klass::CH, 0, data});
}

}  // namespace

// The name of the host, and what is not configured, is left to the server.
Verdict Chaos::answer(const wire::QueryView& query, const Client& /*client*/,
                      wire::ResponseWriter& out) const {
  if (query.qclass != wire::klass::CH || query.qtype != wire::type::TXT) {
    return {};
  }
  const auto qname = query.folded_qname();
  const std::string_view name(reinterpret_cast<const char*>(qname.data()), qname.size());
  const bool asks_version = name == "\7version\4bind\0"sv || name == "\7version\6server\0"sv;
  if (asks_version && !options_.version.empty()) {
    out.begin(wire::rcode::NoError, wire::flag::RA);
    write_text(out, options_.version);
    return {.kind = Verdict::Kind::Answered};
  }
  if (name == "\7authors\4bind\0"sv && !options_.authors.empty()) {
    out.begin(wire::rcode::NoError, wire::flag::RA);
    for (const std::string& author : options_.authors) {
      if (!write_text(out, author)) {
        break;
      }
    }
    return {.kind = Verdict::Kind::Answered};
  }
  return {};
}

}  // namespace meshdns::plugin
