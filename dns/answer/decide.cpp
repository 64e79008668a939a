#include "dns/answer/decide.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include <unistd.h>

#include "dns/answer/search.hpp"
#include "dns/answer/soa.hpp"
#include "dns/wire/reverse_name.hpp"

namespace meshdns::answer {
namespace {

using namespace std::string_view_literals;
using wire::QueryView;
using wire::ResponseWriter;
using wire::Section;

constexpr std::uint16_t kLocal = wire::flag::AA | wire::flag::RA;
constexpr Decision kForward{};
constexpr std::span<const AnswerTable::Reverse> kNoNames;

Decision refuse(ResponseWriter& out) noexcept {
  out.begin(wire::rcode::Refused, 0);
  return {Verdict::Answered, Source::Refused};
}

// Every negative answer carries a SOA, so that clients can cache it (RFC 2308). Its owner is the suffix of
// `suffix_size` octets of the qname, or the qname itself if that is 0.
Decision negative(const QueryView& query, const AnswerTable& mesh, std::uint16_t suffix_size,
                  std::uint16_t rcode, ResponseWriter& out) noexcept {
  const auto offset = wire::kHeaderSize + (suffix_size != 0 ? query.qname_size - suffix_size : 0U);
  out.begin(rcode, kLocal);
  add_soa(mesh, offset, out);
  return {Verdict::Answered, rcode == wire::rcode::NXDomain ? Source::MeshNxDomain : Source::MeshNoData};
}

// As many whole records as fit, starting with another one each time; a client whose limit is too small gets a
// partial set with TC, because stubs that cannot retry over TCP live on what is there.
Decision addresses(const Rrset& rrset, std::uint32_t rotation, ResponseWriter& out) noexcept {
  out.begin(wire::rcode::NoError, kLocal);
  const std::size_t record = rrset.records.size() / rrset.count;
  const std::size_t fitting = std::min<std::size_t>(rrset.count, out.room() / record);
  if (rrset.count == 1) {
    out.add(Section::Answer, rrset.records, 1);
  } else {
    const std::size_t first = rotation % rrset.count;
    const std::size_t until_end = std::min(fitting, rrset.count - first);
    std::memcpy(out.cursor(), rrset.records.data() + first * record, until_end * record);
    std::memcpy(out.cursor() + until_end * record, rrset.records.data(), (fitting - until_end) * record);
    out.added(Section::Answer, fitting * record, static_cast<std::uint16_t>(fitting));
  }
  if (fitting < rrset.count) {
    out.set_truncated();
  }
  return {Verdict::Answered, Source::MeshData};
}

Decision records(const Rrset& rrset, ResponseWriter& out) noexcept {
  out.begin(wire::rcode::NoError, kLocal);
  if (!out.add(Section::Answer, rrset.records, rrset.count)) {
    out.set_truncated();
  }
  return {Verdict::Answered, Source::MeshData};
}

Decision pointers(const AnswerTable& mesh, std::span<const AnswerTable::Reverse> names,
                  ResponseWriter& out) noexcept {
  out.begin(wire::rcode::NoError, kLocal);
  for (const AnswerTable::Reverse& reverse : names) {
    const AnswerTable::Node& node = mesh.node(reverse.node);
    const auto target = mesh.name(node);
    if (out.room() < 12 + target.size()) {
      out.set_truncated();
      break;
    }
    std::uint8_t* record = out.cursor();
    wire::store16(record, 0xC000 | wire::kHeaderSize);
    wire::store16(record + 2, wire::type::PTR);
    wire::store16(record + 4, wire::klass::IN);
    wire::store32(record + 6, node.ttl);
    wire::store16(record + 10, static_cast<std::uint16_t>(target.size()));
    std::memcpy(record + 12, target.data(), target.size());
    out.added(Section::Answer, 12 + target.size(), 1);
  }
  return {Verdict::Answered, Source::MeshData};
}

// What is known of an address: the names that have it, or that it is a virtual IP nobody has yet, of which an
// upstream cannot know anything.
Decision reverse(const QueryView& query, const AnswerTable& mesh, ResponseWriter& out) noexcept {
  const auto address = wire::address_of_reverse_name(query.folded_qname());
  if (!address) {
    return kForward;
  }
  if (const auto names = mesh.reverse(*address); !names.empty()) {
    return pointers(mesh, names, out);
  }
  if (const IpRange* range = mesh.vip_range(*address)) {
    return negative(query, mesh, wire::reverse_zone_size(query.folded_qname(), *range), wire::rcode::NXDomain,
                    out);
  }
  return kForward;
}

// version.bind and its kin (RFC 4892). Everything else of class CH is refused.
Decision chaos(const QueryView& query, ResponseWriter& out) noexcept {
  const auto qname = query.folded_qname();
  const std::string_view name(reinterpret_cast<const char*>(qname.data()), qname.size());
  std::array<char, 256> text{};
  if (name == "\7version\4bind\0"sv || name == "\7version\6server\0"sv) {
    constexpr auto kVersion = "meshdns " MESHDNS_VERSION ""sv;
    std::ranges::copy(kVersion, text.begin());
  } else if (name == "\2id\6server\0"sv || name == "\10hostname\4bind\0"sv) {
    ::gethostname(text.data(), text.size() - 1);
  } else {
    return refuse(out);
  }
  if (query.qtype != wire::type::TXT && query.qtype != wire::type::ANY) {
    return refuse(out);
  }
  const std::size_t size = std::strlen(text.data());
  std::array<std::uint8_t, 13 + 255> record{0xC0, 12, 0, wire::type::TXT, 0, wire::klass::CH};
  wire::store16(&record[10], static_cast<std::uint16_t>(size + 1));
  record[12] = static_cast<std::uint8_t>(size);
  std::memcpy(&record[13], text.data(), size);
  out.begin(wire::rcode::NoError, wire::flag::RA);
  out.add(Section::Answer, {record.data(), 13 + size}, 1);
  return {Verdict::Answered, Source::Chaos};
}

}  // namespace

Decision decide(const QueryView& query, const AnswerTable* mesh, std::uint32_t rotation,
                ResponseWriter& out) noexcept {
  if (query.qclass == wire::klass::CH) {
    return chaos(query, out);
  }
  if (mesh == nullptr) {
    return kForward;
  }
  const AnswerTable::Match match = mesh->find(query.folded_qname());

  if (match.kind == AnswerTable::Kind::NotOurs) {
    if (query.qtype == wire::type::PTR && query.qclass == wire::klass::IN) {
      return reverse(query, *mesh, out);
    }
    return mesh->search().suffixes.empty() ? kForward : decide_searched(query, *mesh, rotation, out);
  }
  if (query.qclass != wire::klass::IN) {
    return refuse(out);
  }
  if (query.qtype == wire::type::AXFR || query.qtype == wire::type::IXFR) {
    return refuse(out);
  }
  if (match.kind == AnswerTable::Kind::NxDomain) {
    // An owned reverse suffix, such as 240.in-addr.arpa: the names of addresses in use exist in it.
    const auto address = wire::address_of_reverse_name(query.folded_qname());
    if (const auto names = address ? mesh->reverse(*address) : kNoNames; !names.empty()) {
      return query.qtype == wire::type::PTR
                 ? pointers(*mesh, names, out)
                 : negative(query, *mesh, match.suffix_size, wire::rcode::NoError, out);
    }
    return negative(query, *mesh, match.suffix_size, wire::rcode::NXDomain, out);
  }

  const AnswerTable::Node& node = *match.node;
  Rrset rrset;
  switch (query.qtype) {
    case wire::type::A:
      rrset = mesh->ipv4(node);
      return rrset.count != 0 ? addresses(rrset, rotation, out)
                              : negative(query, *mesh, match.suffix_size, wire::rcode::NoError, out);
    case wire::type::AAAA:
      rrset = mesh->ipv6(node);
      return rrset.count != 0 ? addresses(rrset, rotation, out)
                              : negative(query, *mesh, match.suffix_size, wire::rcode::NoError, out);
    case wire::type::HTTPS:
    case wire::type::SVCB:  // the real service's address hints would lead around the mesh
      return negative(query, *mesh, match.suffix_size, wire::rcode::NoError, out);
    case wire::type::ANY:
      if (node.ipv4_count != 0 || node.ipv6_count != 0 || node.has_other_rrsets) {
        return records({mesh->minimal_any(), 1}, out);
      }
      return negative(query, *mesh, match.suffix_size, wire::rcode::NoError, out);
    default:
      rrset = mesh->other(node, query.qtype);
      if (rrset.count != 0) {
        return records(rrset, out);
      }
      return node.is_strict ? negative(query, *mesh, match.suffix_size, wire::rcode::NoError, out)
                            : Decision{Verdict::Forward, Source::MeshOverlay};
  }
}

}  // namespace meshdns::answer
