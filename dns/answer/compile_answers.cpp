#include "dns/answer/compile_answers.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "dns/answer/answer_table_builder.hpp"

namespace meshdns::answer {
namespace {

// A place in the tree below which something else holds than above.
struct Border {
  enum class Kind : std::uint8_t { Owned, Overlay, OverlayName };

  const DomainName* at;
  Kind kind;
};

std::vector<Border> borders_of(const MeshZone& zone) {
  std::vector<Border> borders;
  for (const DomainName& suffix : zone.owns) {
    if (std::ranges::find(zone.overlays, suffix) == zone.overlays.end()) {
      borders.push_back({&suffix, Border::Kind::Owned});
    }
  }
  for (const DomainName& suffix : zone.overlays) {
    borders.push_back({&suffix, Border::Kind::Overlay});
  }
  for (const ZoneRecord& record : zone.records) {
    if (record.mode == NameMode::Overlay && std::ranges::any_of(zone.owns, [&](const DomainName& suffix) {
          return record.name != suffix && record.name.is_at_or_below(suffix);
        })) {
      borders.push_back({&record.name, Border::Kind::OverlayName});
    }
  }
  std::ranges::sort(borders, {},
                    [](const Border& border) { return std::pair(border.at->label_count(), border.kind); });
  return borders;
}

void draw_borders(const MeshZone& zone, AnswerTableBuilder& builder) {
  std::set<DomainName> owned;  // a suffix may be written twice
  for (const Border& border : borders_of(zone)) {
    switch (border.kind) {
      case Border::Kind::Owned:
        if (owned.insert(*border.at).second) {
          builder.own(*border.at);
        }
        break;
      case Border::Kind::Overlay:
        builder.disown(*border.at);
        break;
      case Border::Kind::OverlayName:
        builder.disown_below(*border.at);
        break;
    }
  }
}

}  // namespace

Result<AnswerTable> compile_answers(const MeshZone& zone, std::uint32_t serial, const AnswerPolicy& policy) {
  const ZoneRecord* current = nullptr;  // the one to blame
  try {
    AnswerTableBuilder builder(zone.records.size() + zone.records.size() / 8, serial);
    draw_borders(zone, builder);
    builder.add_vip_ranges(zone.vips);
    const auto records = static_cast<std::uint32_t>(zone.records.size());
    for (std::uint32_t i = 0; i < records; ++i) {
      current = &zone.records[i];
      builder.add(*current, i);
    }
    std::size_t names = 0;
    for (std::uint32_t i = 0; i < records; ++i) {
      const ZoneRecord& record = zone.records[i];
      current = &record;
      if (!builder.is_current(record, i)) {
        continue;
      }
      ++names;
      if (!record.name.is_wildcard()) {
        builder.add_reverse(record);
        builder.add_services(record, i);
      }
    }
    if (policy.ent_nxdomain) {
      builder.deny_empty_non_terminals();
    }
    builder.set_search(policy.search);
    return builder.finish(names);
  } catch (const std::exception& e) {
    if (current == nullptr || current->where.file >= zone.files.size()) {
      return fail(Errc::InvalidZone, e.what());
    }
    const ZoneLocation& where = current->where;
    return fail(Errc::InvalidZone,
                fmt::format("{}:{}:{}: {}", zone.files[where.file], where.line, where.column, e.what()));
  }
}

}  // namespace meshdns::answer
