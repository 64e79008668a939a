#include "dns/forward/in_flight_table.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace meshdns::forward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> by_age(InFlightTable& table) {
  std::vector<std::string> keys;
  for (const InFlightTable::Entry& entry : table.entries()) {
    keys.push_back(entry.key);
  }
  return keys;
}

void end(InFlightTable& table, std::string_view key) {
  auto alone = table.take_out(*table.find(key));
  table.put_away(alone);
}

TEST(InFlightTable, FindsWhatWasAdded) {
  InFlightTable table(4);
  EXPECT_EQ(table.find("a"), nullptr);
  InFlightTable::Entry& entry = table.add("a");
  EXPECT_EQ(table.find("a"), &entry);
  EXPECT_EQ(table.find("b"), nullptr);
  EXPECT_EQ(table.size(), 1U);
}

TEST(InFlightTable, HoldsMoreThanExpected) {
  InFlightTable table(4);
  for (int i = 0; i < 1000; ++i) {
    table.add(std::to_string(i));
  }
  EXPECT_EQ(table.size(), 1000U);
  EXPECT_NE(table.find("999"), nullptr);
}

TEST(InFlightTable, MayHoldAQuestionTwice) {
  InFlightTable table(4);
  table.add("a");
  table.add("a");
  EXPECT_EQ(table.size(), 2U);
  end(table, "a");
  EXPECT_NE(table.find("a"), nullptr);
  end(table, "a");
  EXPECT_EQ(table.find("a"), nullptr);
}

TEST(InFlightTable, IsInOrderOfAge) {
  InFlightTable table(4);
  table.add("old");
  table.add("middle");
  table.add("young");
  EXPECT_THAT(by_age(table), ElementsAre("old", "middle", "young"));
  end(table, "middle");
  table.add("youngest");
  EXPECT_THAT(by_age(table), ElementsAre("old", "young", "youngest"));
}

TEST(InFlightTable, WhatIsTakenOutIsThereUntilItIsPutAway) {
  InFlightTable table(4);
  InFlightTable::Entry& entry = table.add("a");
  int calls = 0;
  entry.first.done = [&calls](const Outcome&) { ++calls; };
  entry.joined.push_back({{}, [&calls](const Outcome&) { ++calls; }});
  auto alone = table.take_out(entry);
  EXPECT_EQ(table.find("a"), nullptr);
  InFlightTable::Entry& next = table.add("a");
  EXPECT_NE(&next, &entry) << "it is still needed";
  entry.for_each_asker([](InFlightTable::Asker& asker) { asker.done({}); });
  EXPECT_EQ(calls, 2);
  table.put_away(alone);
}

TEST(InFlightTable, AnEntryIsUsedAgainAndKnowsNothingOfBefore) {
  InFlightTable table(4);
  InFlightTable::Entry& entry = table.add("a");
  entry.first.done = [](const Outcome&) {};
  entry.joined.resize(3);
  end(table, "a");
  InFlightTable::Entry& again = table.add("b");
  EXPECT_EQ(&again, &entry);
  EXPECT_FALSE(again.first.done);
  EXPECT_THAT(again.joined, IsEmpty());
  EXPECT_EQ(again.key, "b");
}

}  // namespace
}  // namespace meshdns::forward
