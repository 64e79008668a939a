#include "dns/base/counters.hpp"

#include <gtest/gtest.h>

namespace meshdns::base {
namespace {

TEST(Counters, AddUpOverWorkers) {
  Counters first;
  Counters second;
  first.mesh_answers.add();
  first.mesh_answers.add(4);
  second.mesh_answers.add(10);
  second.refused.add();
  CounterValues sum;
  first.add_to(sum);
  second.add_to(sum);
  EXPECT_EQ(sum.mesh_answers, 15U);
  EXPECT_EQ(sum.refused, 1U);
  EXPECT_EQ(sum.forwarded, 0U);
}

TEST(Counters, OfTwoWorkersShareNoCacheLine) {
  EXPECT_EQ(alignof(Counters) % 64, 0U);
  EXPECT_EQ(sizeof(Counters) % 64, 0U);
}

}  // namespace
}  // namespace meshdns::base
