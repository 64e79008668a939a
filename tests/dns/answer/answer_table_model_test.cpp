// The table against the slow and obvious way to do the same.
#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "dns/wire/query_view.hpp"
#include "tests/dns/answer/ask.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;
using Kind = AnswerTable::Kind;

class Model {
 public:
  explicit Model(const MeshZone& zone) : zone_(zone) {
    for (std::uint32_t i = 0; i < zone.records.size(); ++i) {
      records_[zone.records[i].name] = i;
      plant(zone.records[i].name);
    }
    for (const auto& suffixes : {zone.owns, zone.overlays}) {
      for (const DomainName& suffix : suffixes) {
        plant(suffix);
      }
    }
  }

  struct Found {
    Kind kind = Kind::NotOurs;
    std::uint32_t record = AnswerTable::kNone;
    bool by_wildcard = false;
    std::size_t suffix_size = 0;
  };

  Found find(const DomainName& name) const {
    if (const auto exact = records_.find(name); exact != records_.end()) {
      return {Kind::Name, exact->second, false, owner_size(exact->second)};
    }
    if (tree_.contains(name)) {
      return owns_below(name) ? Found{Kind::Name, AnswerTable::kNone, false, suffix_size(name)} : Found{};
    }
    DomainName encloser = name;
    while (!encloser.is_root() && !tree_.contains(encloser)) {
      encloser = encloser.parent();
    }
    for (const auto& [owner, index] : records_) {
      if (owner.is_wildcard() && owner.parent() == encloser) {
        return {Kind::Name, index, true, owner_size(index)};
      }
    }
    return owns_below(encloser) ? Found{Kind::NxDomain, AnswerTable::kNone, false, suffix_size(encloser)}
                                : Found{};
  }

 private:
  void plant(DomainName name) {
    for (; !name.is_root(); name = name.parent()) {
      tree_.insert(name);
    }
  }
  static bool has(const std::vector<DomainName>& names, const DomainName& name) {
    return std::ranges::find(names, name) != names.end();
  }
  // The nearest suffix above a name decides.
  std::size_t suffix_size(DomainName name) const {
    for (;; name = name.parent()) {
      if (has(zone_.overlays, name)) {
        return 0;
      }
      if (has(zone_.owns, name)) {
        return name.wire().size();
      }
      if (name.is_root()) {
        return 0;
      }
    }
  }
  // Whether names below do not exist if the zone does not have them: an overlay name says no as well.
  bool owns_below(DomainName name) const {
    for (; !has(zone_.owns, name) || has(zone_.overlays, name); name = name.parent()) {
      const auto record = records_.find(name);
      if (name.is_root() || has(zone_.overlays, name) ||
          (record != records_.end() && zone_.records[record->second].mode == NameMode::Overlay)) {
        return false;
      }
    }
    return true;
  }
  std::size_t owner_size(std::uint32_t record) const {
    const ZoneRecord& of = zone_.records[record];
    return of.mode == NameMode::Overlay ? 0 : suffix_size(of.name);
  }

  const MeshZone& zone_;
  std::map<DomainName, std::uint32_t> records_;
  std::set<DomainName> tree_;
};

class Names {
 public:
  explicit Names(unsigned seed) : random_(seed) {}

  std::string below(std::size_t max_labels, bool is_record) {
    static const char* const kLabels[] = {"a", "b", "c", "mesh", "com", "longer-than-one-word", "*"};
    const std::size_t labels = 1 + random_() % max_labels;
    std::string made;
    for (std::size_t i = 0; i < labels; ++i) {
      const std::size_t choices =
          is_record && i != 0 ? 6 : 7;  // a record may be a wildcard at the front only
      made += (i == 0 ? "" : ".") + std::string(kLabels[random_() % choices]);
    }
    return made;
  }
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

 private:
  std::mt19937 random_;
};

Model::Found found_in(const AnswerTable& table, const DomainName& name) {
  alignas(8) std::array<std::uint8_t, wire::kMaxNameSize + 9> folded{};
  wire::fold_name(name.wire().data(), name.wire().size(), folded.data());
  const AnswerTable::Match match = table.find({folded.data(), name.wire().size()});
  Model::Found found{match.kind, AnswerTable::kNone, match.by_wildcard, match.suffix_size};
  if (match.kind == Kind::Name) {
    found.record = match.node->record;
  }
  return found;
}

TEST(AnswerTableModel, AgreesOnRandomNamesInRandomZones) {
  Names names(4592);
  for (int round = 0; round < 200; ++round) {
    MeshZone zone;
    for (unsigned i = names.below(4U); i != 0; --i) {
      zone.owns.push_back(name(names.below(3, true)));
    }
    for (unsigned i = names.below(4U); i != 0; --i) {
      zone.overlays.push_back(name(names.below(4, true)));
    }
    for (auto* suffixes : {&zone.owns, &zone.overlays}) {
      std::erase_if(*suffixes, [](const DomainName& suffix) { return suffix.is_wildcard(); });
    }
    std::set<DomainName> taken;
    for (unsigned i = names.below(25U); i != 0; --i) {
      ZoneRecord made = record(names.below(5, true), {"240.0.0.1"});
      made.mode = std::array{NameMode::BySuffix, NameMode::Strict, NameMode::Overlay}[names.below(3U)];
      if (taken.insert(made.name).second) {
        zone.records.push_back(made);
      }
    }
    const AnswerTable table = table_of(zone);
    const Model model(zone);
    for (int i = 0; i < 200; ++i) {
      const DomainName asked = name(names.below(6, false));
      const Model::Found expected = model.find(asked);
      const Model::Found found = found_in(table, asked);
      ASSERT_EQ(found.kind, expected.kind) << asked.to_string() << " in round " << round;
      ASSERT_EQ(found.record, expected.record) << asked.to_string() << " in round " << round;
      ASSERT_EQ(found.by_wildcard, expected.by_wildcard) << asked.to_string() << " in round " << round;
      ASSERT_EQ(found.suffix_size, expected.suffix_size) << asked.to_string() << " in round " << round;
    }
  }
}

}  // namespace
}  // namespace meshdns::answer
