#include "dns/answer/search.hpp"

#include <cstring>

#include "dns/answer/soa.hpp"
#include "dns/wire/wire_name.hpp"

namespace meshdns::answer {
namespace {

using wire::ResponseWriter;
using wire::Section;

constexpr std::uint16_t kSearchFlags = wire::flag::AA | wire::flag::RA;
constexpr std::size_t kFixedSize = 12;  // of a record whose owner is a pointer: all in front of its data

// 0: the name does not lie below the suffix by two labels at least.
std::size_t octets_before(std::span<const std::uint8_t> name, std::span<const std::uint8_t> suffix) noexcept {
  if (!wire::is_at_or_below(name, suffix)) {
    return 0;
  }
  const std::size_t before = name.size() - suffix.size();
  return before > name[0] + 1U ? before : 0;
}

// Its zone is what follows the first label: it may exist or not, but it is nobody else's.
Decision deny(const wire::QueryView& query, const AnswerTable& mesh, ResponseWriter& out) noexcept {
  out.begin(wire::rcode::NXDomain, kSearchFlags);
  add_soa(mesh, wire::kHeaderSize + 1U + query.folded_qname()[0], out);
  return {Verdict::Answered, Source::SearchNxDomain};
}

// From another record on each time.
void add_records(const Rrset& rrset, std::uint32_t rotation, std::uint16_t owner,
                 ResponseWriter& out) noexcept {
  const auto size_of = [&](std::size_t record) {
    return kFixedSize + wire::load16(&rrset.records[record + 10]);
  };
  std::size_t at = 0;
  for (std::uint32_t i = rotation % rrset.count; i != 0; --i) {
    at += size_of(at);
  }
  for (std::uint16_t i = 0; i < rrset.count; ++i) {
    const std::size_t size = size_of(at);
    std::uint8_t* record = out.cursor();
    if (!out.add(Section::Answer, rrset.records.subspan(at, size), 1)) {
      out.set_truncated();
      return;
    }
    wire::store16(record, owner);
    at = at + size == rrset.records.size() ? 0 : at + size;
  }
}

// False: no room.
bool add_alias(const Searched& searched, ResponseWriter& out) noexcept {
  const auto target = searched.name_octets();
  if (out.room() < kFixedSize + target.size()) {
    return false;
  }
  std::uint8_t* record = out.cursor();
  wire::store16(record, 0xC000 | wire::kHeaderSize);
  wire::store16(record + 2, wire::type::CNAME);
  wire::store16(record + 4, wire::klass::IN);
  wire::store32(record + 6, searched.match.node->ttl);
  wire::store16(record + 10, static_cast<std::uint16_t>(target.size()));
  std::memcpy(record + kFixedSize, target.data(), target.size());
  out.added(Section::Answer, kFixedSize + target.size(), 1);
  return true;
}

Decision follow(const wire::QueryView& query, const AnswerTable& mesh, const Searched& searched,
                std::uint32_t rotation, ResponseWriter& out) noexcept {
  constexpr Decision kAnswered{Verdict::Answered, Source::SearchAlias};
  const AnswerTable::Node& node = *searched.match.node;
  const bool is_address = query.qtype == wire::type::A || query.qtype == wire::type::AAAA;
  const Rrset rrset = query.qtype == wire::type::A      ? mesh.ipv4(node)
                      : query.qtype == wire::type::AAAA ? mesh.ipv6(node)
                                                        : mesh.other(node, query.qtype);
  const bool is_empty_here =
      is_address || query.qtype == wire::type::HTTPS || query.qtype == wire::type::SVCB || node.is_strict;
  const bool ends_here = query.qtype == wire::type::CNAME || query.qtype == wire::type::ANY;
  if (rrset.count == 0 && !is_empty_here && !ends_here) {
    return {};  // others know whether the overlay name has such records
  }
  out.begin(wire::rcode::NoError, kSearchFlags);
  if (!add_alias(searched, out)) {
    out.set_truncated();
    return kAnswered;
  }
  const std::size_t target = wire::kHeaderSize + query.question().size() + kFixedSize;
  if (ends_here) {
    return kAnswered;
  }
  if (rrset.count != 0) {
    add_records(rrset, rotation, static_cast<std::uint16_t>(0xC000 | target), out);
  } else {
    const std::size_t suffix = searched.match.suffix_size;
    add_soa(mesh, suffix != 0 ? target + searched.name_octets().size() - suffix : target, out);
  }
  return kAnswered;
}

}  // namespace

std::optional<Searched> find_searched(const AnswerTable& mesh,
                                      std::span<const std::uint8_t> folded) noexcept {
  for (const DomainName& suffix : mesh.search().suffixes) {
    const std::size_t before = octets_before(folded, suffix.wire());
    if (before == 0) {
      continue;
    }
    Searched searched{.match = {}, .front_size = before, .name = {}};
    std::memcpy(searched.name.data(), folded.data(), before);
    searched.match = mesh.find(searched.name_octets());
    if (searched.match.kind == AnswerTable::Kind::Name && searched.match.node->record != AnswerTable::kNone) {
      return searched;
    }
  }
  return std::nullopt;
}

Decision decide_searched(const wire::QueryView& query, const AnswerTable& mesh, std::uint32_t rotation,
                         ResponseWriter& out) noexcept {
  if (query.qclass != wire::klass::IN || query.qtype == wire::type::AXFR || query.qtype == wire::type::IXFR) {
    return {};
  }
  const auto searched = find_searched(mesh, query.folded_qname());
  if (!searched) {
    return {};
  }
  return mesh.search().is_alias ? follow(query, mesh, *searched, rotation, out) : deny(query, mesh, out);
}

}  // namespace meshdns::answer
