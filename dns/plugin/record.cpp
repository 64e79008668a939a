#include "dns/plugin/record.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "dns/plugin/ldns_record.hpp"
#include "dns/plugin/packet.hpp"
#include "dns/wire/wire_name.hpp"

namespace meshdns::plugin {
namespace {

constexpr std::uint32_t kDefaultTtl = 3600;  // CoreDNS's

using Name = std::array<std::uint8_t, wire::kMaxNameSize + 9>;

// Octets of `owner`, which is lower-cased, in front of the longest part that the question ends in as well.
std::size_t unshared_size(std::span<const std::uint8_t> owner, std::span<const std::uint8_t> qname) {
  std::size_t at = 0;
  while (owner[at] != 0 && !wire::is_at_or_below(qname, owner.subspan(at))) {
    at += owner[at] + 1U;
  }
  return at;
}

}  // namespace

std::expected<LocalRecord, std::string> read_record(const std::string& text) {
  static const RecordData root(ldns_dname_new_frm_str("."));
  ldns_rr* parsed = nullptr;
  ldns_rdf* previous = nullptr;
  const ldns_status status = ldns_rr_new_frm_str(&parsed, text.c_str(), kDefaultTtl, root.get(), &previous);
  const Record record(parsed);
  const RecordData owner(previous);
  if (status != LDNS_STATUS_OK) {
    return std::unexpected(ldns_get_errorstr_by_id(status));
  }
  return copy_record(*record);
}

LocalRecord copy_record(const ldns_rr& record) {
  const ldns_rdf* const owner = ldns_rr_owner(&record);
  LocalRecord copy{.owner = {ldns_rdf_data(owner), ldns_rdf_data(owner) + ldns_rdf_size(owner)},
                   .type = static_cast<std::uint16_t>(ldns_rr_get_type(&record)),
                   .qclass = static_cast<std::uint16_t>(ldns_rr_get_class(&record)),
                   .ttl = ldns_rr_ttl(&record),
                   .data = {},
                   .line = 0};
  for (std::size_t i = 0; i < ldns_rr_rd_count(&record); ++i) {
    const ldns_rdf* const field = ldns_rr_rdf(&record, i);
    copy.data.insert(copy.data.end(), ldns_rdf_data(field), ldns_rdf_data(field) + ldns_rdf_size(field));
  }
  return copy;
}

bool write_record(wire::ResponseWriter& out, wire::Section section, const RecordView& record) {
  Name folded;
  wire::fold_name(record.owner.data(), record.owner.size(), folded.data());
  const auto qname = out.query().folded_qname();
  const std::size_t own = unshared_size({folded.data(), record.owner.size()}, qname);
  const std::size_t shared = record.owner.size() - own;
  const bool points = shared > 1;
  const std::size_t size = own + (points ? 2 : 1) + 10 + record.data.size();
  if (size > out.room()) {
    if (section != wire::Section::Additional) {
      out.set_truncated();
    }
    return false;
  }
  std::uint8_t* at = std::copy_n(record.owner.begin(), own, out.cursor());
  if (points) {
    wire::store16(at, static_cast<std::uint16_t>(0xC000 | (wire::kHeaderSize + qname.size() - shared)));
    at += 2;
  } else {
    *at++ = 0;
  }
  wire::store16(at, record.type);
  wire::store16(at + 2, record.qclass);
  wire::store32(at + 4, record.ttl);
  wire::store16(at + 8, static_cast<std::uint16_t>(record.data.size()));
  std::ranges::copy(record.data, at + 10);
  out.added(section, size, 1);
  return true;
}

}  // namespace meshdns::plugin
