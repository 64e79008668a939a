#include "tests/support/dns_message.hpp"

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <ldns/ldns.h>

#include "dns/wire/message.hpp"

namespace meshdns::test {
namespace {

using Rr = std::unique_ptr<ldns_rr, decltype(&ldns_rr_free)>;

void append16(Octets& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

std::string take(char* text) {
  const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
  return text != nullptr ? std::string(text) : std::string();
}

// "a.\t30\tIN\tA\t10.0.0.1\n" as "a. 30 IN A 10.0.0.1".
std::string line_of(const ldns_rr* rr) {
  std::string line = take(ldns_rr2str(rr));
  while (!line.empty() && line.back() == '\n') {
    line.pop_back();
  }
  for (char& c : line) {
    c = c == '\t' ? ' ' : c;
  }
  return line;
}

std::string rcode_name(unsigned rcode) {
  if (rcode == wire::rcode::NotImp) {
    return "NOTIMP";
  }
  if (rcode == wire::rcode::BadVers) {
    return "BADVERS";
  }
  const ldns_lookup_table* found = ldns_lookup_by_id(ldns_rcodes, static_cast<int>(rcode));
  return found != nullptr ? found->name : fmt::format("RCODE{}", rcode);
}

void read_opt(const ldns_rr* opt, Reply& reply, unsigned& rcode) {
  const std::uint32_t ttl = ldns_rr_ttl(opt);
  reply.has_opt = true;
  reply.opt_size = static_cast<std::uint16_t>(ldns_rr_get_class(opt));
  reply.opt_dnssec_ok = (ttl & 0x8000) != 0;
  for (std::size_t i = 0; i < ldns_rr_rd_count(opt); ++i) {
    reply.opt_options_size += ldns_rdf_size(ldns_rr_rdf(opt, i));
  }
  rcode |= ttl >> 24 << 4;
}

}  // namespace

Octets make_query(const QuerySpec& spec) {
  ldns_rdf* parsed = nullptr;
  const ldns_status status = ldns_str2rdf_dname(&parsed, spec.name.c_str());
  const std::unique_ptr<ldns_rdf, decltype(&ldns_rdf_deep_free)> name(parsed, &ldns_rdf_deep_free);
  if (status != LDNS_STATUS_OK) {
    throw std::invalid_argument(spec.name + ": " + ldns_get_errorstr_by_id(status));
  }
  Octets out;
  append16(out, spec.id);
  append16(out, spec.flags);
  append16(out, 1);
  append16(out, 0);
  append16(out, 0);
  append16(out, spec.edns_size ? 1 : 0);
  out.insert(out.end(), ldns_rdf_data(parsed), ldns_rdf_data(parsed) + ldns_rdf_size(parsed));
  append16(out, static_cast<std::uint16_t>(ldns_get_rr_type_by_name(spec.type.c_str())));
  append16(out, spec.qclass);
  if (spec.edns_size) {
    out.push_back(0);
    append16(out, wire::type::OPT);
    append16(out, *spec.edns_size);
    out.push_back(0);
    out.push_back(spec.edns_version);
    append16(out, spec.dnssec_ok ? 0x8000 : 0);
    append16(out, static_cast<std::uint16_t>(spec.edns_options.size()));
    out.insert(out.end(), spec.edns_options.begin(), spec.edns_options.end());
  }
  return out;
}

std::optional<Reply> read_reply(std::span<const std::uint8_t> octets) {
  if (octets.size() < wire::kHeaderSize) {
    return std::nullopt;
  }
  Reply reply;
  reply.octets.assign(octets.begin(), octets.end());
  reply.id = wire::load16(&octets[0]);
  reply.flags = wire::load16(&octets[2]);
  reply.qr = (reply.flags & 0x8000) != 0;
  reply.aa = (reply.flags & 0x0400) != 0;
  reply.tc = (reply.flags & 0x0200) != 0;
  reply.rd = (reply.flags & 0x0100) != 0;
  reply.ra = (reply.flags & 0x0080) != 0;
  reply.ad = (reply.flags & 0x0020) != 0;
  reply.cd = (reply.flags & 0x0010) != 0;
  unsigned rcode = reply.flags & 0x000F;

  std::vector<std::string>* const lists[] = {nullptr, &reply.answer, &reply.authority, &reply.additional};
  const ldns_pkt_section sections[] = {LDNS_SECTION_QUESTION, LDNS_SECTION_ANSWER, LDNS_SECTION_AUTHORITY,
                                       LDNS_SECTION_ADDITIONAL};
  std::size_t at = wire::kHeaderSize;
  for (std::size_t section = 0; section < 4; ++section) {
    const unsigned count = wire::load16(&octets[4 + 2 * section]);
    for (unsigned i = 0; i < count; ++i) {
      ldns_rr* parsed = nullptr;
      if (ldns_wire2rr(&parsed, octets.data(), octets.size(), &at, sections[section]) != LDNS_STATUS_OK) {
        return std::nullopt;
      }
      const Rr rr(parsed, &ldns_rr_free);
      if (section == 0) {
        reply.question = fmt::format("{} {} {}", take(ldns_rdf2str(ldns_rr_owner(parsed))),
                                     take(ldns_rr_class2str(ldns_rr_get_class(parsed))),
                                     take(ldns_rr_type2str(ldns_rr_get_type(parsed))));
      } else if (section == 3 && ldns_rr_get_type(parsed) == LDNS_RR_TYPE_OPT) {
        if (reply.has_opt) {
          return std::nullopt;
        }
        read_opt(parsed, reply, rcode);
      } else {
        lists[section]->push_back(line_of(parsed));
      }
    }
  }
  if (at != octets.size()) {
    return std::nullopt;
  }
  reply.rcode = rcode_name(rcode);
  return reply;
}

}  // namespace meshdns::test
