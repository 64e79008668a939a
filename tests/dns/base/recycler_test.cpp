#include "dns/base/recycler.hpp"

#include <optional>
#include <vector>

#include <gmock/gmock.h>

namespace meshdns::base {
namespace {

using ::testing::ElementsAre;

// Tells a log when it comes and goes.
struct Guest {
  Guest(std::vector<int>& kept, int given) : log(kept), number(given) { log.push_back(number); }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest() { log.push_back(-number); }

  std::vector<int>& log;
  int number;
};

TEST(Recycler, MakesAndEndsObjects) {
  std::vector<int> log;
  Recycler<Guest> recycler;
  auto first = recycler.make(log, 1);
  auto second = recycler.make(log, 2);
  EXPECT_EQ(second->number, 2);
  first = nullptr;
  EXPECT_THAT(log, ElementsAre(1, 2, -1));
}

TEST(Recycler, UsesMemoryAgain) {
  std::vector<int> log;
  Recycler<Guest> recycler;
  auto first = recycler.make(log, 1);
  const void* const where = first.get();
  first = nullptr;
  const auto next = recycler.make(log, 2);
  EXPECT_EQ(next.get(), where);
  EXPECT_EQ(recycler.spare(), 0U);
}

TEST(Recycler, KeepsTheMemoryOfNoMoreThanItMay) {
  std::vector<int> log;
  Recycler<Guest> recycler;
  std::vector<Recycler<Guest>::Pointer> many;
  for (std::size_t i = 0; i < 2 * Recycler<Guest>::kMaxSpare; ++i) {
    many.push_back(recycler.make(log, 1));
  }
  many.clear();
  EXPECT_EQ(recycler.spare(), Recycler<Guest>::kMaxSpare);
}

TEST(Recycler, ItsObjectsMayOutliveIt) {
  std::vector<int> log;
  std::optional<Recycler<Guest>> recycler(std::in_place);
  auto last = recycler->make(log, 1);
  recycler.reset();
  EXPECT_EQ(last->number, 1);
  last = nullptr;
  EXPECT_THAT(log, ElementsAre(1, -1));
}

}  // namespace
}  // namespace meshdns::base
