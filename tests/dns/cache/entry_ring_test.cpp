#include "dns/cache/entry_ring.hpp"

#include <deque>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace meshdns::cache {
namespace {

constexpr std::size_t kCapacity = 4096;

class EntryRingTest : public testing::Test {
 protected:
  std::vector<std::uint64_t> memory = std::vector<std::uint64_t>(kCapacity / 8);
  EntryRing ring{reinterpret_cast<std::uint8_t*>(memory.data()), kCapacity};

  Entry* push(std::size_t octets, std::uint32_t tag = 0) {
    Entry* entry = ring.push(octets);
    if (entry != nullptr) {
      entry->octets = static_cast<std::uint32_t>(octets);
      entry->tag = tag;
    }
    return entry;
  }
};

TEST_F(EntryRingTest, FillsToTheLastOctet) {
  EXPECT_TRUE(ring.is_empty());
  EXPECT_TRUE(push(2048));
  EXPECT_TRUE(push(2048));
  EXPECT_FALSE(ring.has_room(8));
  EXPECT_FALSE(push(8));
  ring.pop();
  EXPECT_TRUE(push(2048));
  EXPECT_FALSE(ring.has_room(8));
}

TEST_F(EntryRingTest, IsAQueueWhateverTheSizes) {
  std::mt19937 random(3);
  std::deque<std::pair<std::uint32_t, std::size_t>> model;
  for (std::uint32_t tag = 1; tag < 20'000; ++tag) {
    const std::size_t octets = 80 + random() % 60 * 8;
    while (push(octets, tag) == nullptr) {
      ASSERT_FALSE(model.empty());
      ASSERT_EQ(ring.oldest().tag, model.front().first);
      ring.pop();
      model.pop_front();
    }
    model.emplace_back(tag, octets);
    std::size_t used = 0;
    for (const auto& [ignored, size] : model) {
      used += size;
    }
    ASSERT_LE(used, kCapacity);
    if (random() % 3 == 0) {  // another round
      const auto [oldest, size] = model.front();
      ring.pop();
      ASSERT_TRUE(push(size, oldest));
      model.pop_front();
      model.emplace_back(oldest, size);
    }
  }
  EXPECT_GT(model.size(), 4U);
}

}  // namespace
}  // namespace meshdns::cache
