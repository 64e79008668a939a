#include "dns/cache/entry_index.hpp"

#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace meshdns::cache {
namespace {

TEST(EntryIndexTest, FindsWhatIsInItThroughAnyHistory) {
  std::vector<EntryIndex::Slot> slots(64);
  EntryIndex index(slots);
  std::mt19937 random(5);
  const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
  std::map<std::uint32_t, std::uint32_t> model;  // place to tag
  const auto find = [&](std::uint32_t tag, std::uint32_t place) {
    return index.find(tag, [&](std::uint32_t candidate) { return candidate == place; });
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t place = 1 + below(60);
    const auto known = model.find(place);
    if (known == model.end()) {
      if (model.size() < 32) {
        // Few homes, so that runs grow long and wrap around.
        const std::uint32_t tag = (below(4) << 16) | (60 + below(8));
        index.insert(tag, place);
        model[place] = tag;
      }
    } else if (below(2) == 0) {
      index.erase(known->second, place);
      model.erase(known);
    } else if (const std::uint32_t to = 100 + below(60); !model.contains(to)) {
      const std::uint32_t tag = known->second;
      index.move(tag, place, to);
      EXPECT_EQ(find(tag, to), to);
      index.move(tag, to, place);
    }
    for (const auto& [at, tag] : model) {
      ASSERT_EQ(find(tag, at), at);
    }
  }
  for (const auto& [at, tag] : model) {
    index.erase(tag, at);
  }
  for (const EntryIndex::Slot& slot : slots) {
    EXPECT_EQ(slot.place, 0U);
  }
}

}  // namespace
}  // namespace meshdns::cache
