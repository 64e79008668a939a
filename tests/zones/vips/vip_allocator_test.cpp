#include "zones/vips/vip_allocator.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::vips {
namespace {

using testing::ElementsAre;
using testing::Pair;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

VipAllocator allocator(Order order, std::string_view ipv4, std::string_view ipv6 = "") {
  return {VipRanges{IpRange::parse(ipv4), IpRange::parse(ipv6)}, order};
}

// "240.0.0.0 fd00::", or "full".
std::string allocate(VipAllocator& allocator, std::string_view owner) {
  const auto addresses = allocator.allocate(owner);
  if (!addresses) {
    return "full";
  }
  std::string text;
  for (const IpAddress& address : *addresses) {
    text += (text.empty() ? "" : " ") + address.to_string();
  }
  return text;
}

class BothOrders : public testing::TestWithParam<Order> {};

INSTANTIATE_TEST_SUITE_P(VipAllocator, BothOrders, testing::Values(Order::LowestFree, Order::BehindCursor));

TEST_P(BothOrders, StartAtTheNetworkAddressAndUseTheLastAddressToo) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/31");
  EXPECT_EQ(allocate(vips, "a"), "240.0.0.0");
  EXPECT_EQ(allocate(vips, "b"), "240.0.0.1");
  EXPECT_EQ(allocate(vips, "c"), "full");
  EXPECT_EQ(allocate(vips, "a"), "240.0.0.0");
}

TEST_P(BothOrders, GiveOneAddressOfEachFamily) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/4", "fd00:fd00::/64");
  EXPECT_EQ(allocate(vips, "a"), "240.0.0.0 fd00:fd00::");
  EXPECT_EQ(allocate(vips, "b"), "240.0.0.1 fd00:fd00::1");
}

TEST_P(BothOrders, GiveOnlyIPv6WhereThereIsNoOtherRange) {
  VipAllocator vips = allocator(GetParam(), "", "fd00:fd00::/64");
  EXPECT_EQ(allocate(vips, "a"), "fd00:fd00::");
  EXPECT_FALSE(vips.restore("b", ip("240.0.0.1")));
}

TEST_P(BothOrders, GiveNothingAtAllWhenOneFamilyIsFull) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/30", "fd00::/128");
  EXPECT_EQ(allocate(vips, "a"), "240.0.0.0 fd00::");
  EXPECT_EQ(allocate(vips, "b"), "full");
  EXPECT_EQ(vips.usage()[0].used, 1U);
  EXPECT_THAT(vips.owners(), ElementsAre(Pair("a", ElementsAre(ip("240.0.0.0"), ip("fd00::")))));
}

TEST_P(BothOrders, KeepWhatARangeHadWhenAnotherFamilyIsAdded) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/4", "fd00::/64");
  EXPECT_TRUE(vips.restore("a", ip("240.0.0.7")));
  EXPECT_EQ(allocate(vips, "a"), "240.0.0.7 fd00::");
}

TEST_P(BothOrders, SkipWhatWasRestoredOrBlocked) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/4");
  EXPECT_TRUE(vips.restore("old", ip("240.0.0.0")));
  vips.block(ip("240.0.0.1"));
  EXPECT_EQ(allocate(vips, "new"), "240.0.0.2");
  EXPECT_EQ(allocate(vips, "old"), "240.0.0.0");
}

TEST_P(BothOrders, RefuseToRestoreWhatCannotBe) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/4");
  vips.block(ip("240.0.0.9"));
  EXPECT_TRUE(vips.restore("a", ip("240.0.0.5")));
  EXPECT_TRUE(vips.restore("a", ip("240.0.0.5")));
  EXPECT_FALSE(vips.restore("b", ip("240.0.0.5"))) << "somebody else has it";
  EXPECT_FALSE(vips.restore("a", ip("240.0.0.6"))) << "has another one";
  EXPECT_FALSE(vips.restore("b", ip("240.0.0.9"))) << "blocked";
  EXPECT_FALSE(vips.restore("b", ip("10.0.0.1"))) << "outside of the range";
  EXPECT_FALSE(vips.restore("b", ip("fd00::1"))) << "of a family without range";
  EXPECT_EQ(allocate(vips, "b"), "240.0.0.0");
  EXPECT_EQ(vips.usage()[0].used, 3U);
}

TEST_P(BothOrders, GiveAnotherAddressToWhomTheirsWasTakenFrom) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/31");
  EXPECT_EQ(allocate(vips, "a"), "240.0.0.0");
  vips.block(ip("240.0.0.0"));
  EXPECT_FALSE(vips.restore("a", ip("240.0.0.0")));
  EXPECT_EQ(allocate(vips, "a"), "240.0.0.1");
  EXPECT_EQ(allocate(vips, "b"), "full");
  vips.block(ip("240.0.0.1"));
  EXPECT_EQ(allocate(vips, "a"), "full");
}

TEST_P(BothOrders, IgnoreBlockedAddressesOutsideOfTheRange) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/31");
  vips.block(ip("10.0.0.1"));
  vips.block(ip("fd00::1"));
  EXPECT_EQ(vips.usage()[0].used, 0U);
}

TEST_P(BothOrders, TellWhatIsUsed) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/4", "fd00::/64");
  vips.block(ip("240.0.0.1"));
  vips.block(ip("240.0.0.1"));
  allocate(vips, "a");
  const auto usage = vips.usage();
  ASSERT_EQ(usage.size(), 2U);
  EXPECT_EQ(usage[0].range.to_string(), "240.0.0.0/4");
  EXPECT_EQ(usage[0].used, 2U);
  EXPECT_EQ(usage[1].range.to_string(), "fd00::/64");
  EXPECT_EQ(usage[1].used, 1U);
}

TEST_P(BothOrders, ListOwnersSortedAndOnlyThoseThatClaimed) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/4");
  vips.restore("vanished", ip("240.0.0.9"));
  allocate(vips, "b");
  allocate(vips, "a");
  const auto expected =
      ElementsAre(Pair("a", ElementsAre(ip("240.0.0.1"))), Pair("b", ElementsAre(ip("240.0.0.0"))));
  EXPECT_THAT(vips.owners(), expected);
  vips.release_unclaimed();
  EXPECT_THAT(vips.owners(), expected);
}

TEST_P(BothOrders, UseEveryAddressOfASmallRangeWhateverTheRest) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/24");
  for (int i = 0; i < 256; i += 3) {
    vips.block(ip(fmt::format("240.0.0.{}", i)));
  }
  int given = 0;
  while (vips.allocate(std::to_string(given))) {
    ++given;
  }
  EXPECT_EQ(given, 256 - 86);
  EXPECT_EQ(vips.usage()[0].used, 256U);
}

TEST(LowestFree, ReservesWhatIsNotClaimedUntilTheNextComputation) {
  VipAllocator vips = allocator(Order::LowestFree, "240.0.0.0/4");
  vips.restore("vanished", ip("240.0.0.0"));
  EXPECT_EQ(allocate(vips, "a"), "240.0.0.1");
  vips.release_unclaimed();

  EXPECT_EQ(allocate(vips, "b"), "240.0.0.0");
  vips.release_unclaimed();  // nobody claimed "a"

  EXPECT_EQ(allocate(vips, "b"), "240.0.0.0");
  EXPECT_EQ(allocate(vips, "c"), "240.0.0.1");
}

TEST(LowestFree, DoesNotGiveABlockedAddressBack) {
  VipAllocator vips = allocator(Order::LowestFree, "240.0.0.0/4");
  allocate(vips, "a");
  vips.release_unclaimed();
  vips.block(ip("240.0.0.0"));
  vips.release_unclaimed();
  EXPECT_EQ(allocate(vips, "b"), "240.0.0.1");
}

TEST(BehindCursor, GoesForwardAndWrapsAtTheEnd) {
  VipAllocator vips = allocator(Order::BehindCursor, "241.0.0.0/30");
  vips.restore("d", ip("241.0.0.2"));
  EXPECT_EQ(allocate(vips, "a"), "241.0.0.0");
  EXPECT_EQ(allocate(vips, "b"), "241.0.0.1");
  EXPECT_EQ(allocate(vips, "c"), "241.0.0.3");
  EXPECT_EQ(allocate(vips, "d"), "241.0.0.2");
  EXPECT_EQ(allocate(vips, "e"), "full");
}

TEST(BehindCursor, DoesNotReuseWhatWasFreed) {
  VipAllocator vips = allocator(Order::BehindCursor, "241.0.0.0/30");
  allocate(vips, "a");
  vips.release_unclaimed();
  vips.release_unclaimed();  // nobody claimed "a"
  EXPECT_TRUE(vips.owners().empty());
  EXPECT_FALSE(vips.restore("a", ip("241.0.0.0")));
  EXPECT_EQ(allocate(vips, "b"), "241.0.0.1");
  EXPECT_EQ(allocate(vips, "a"), "241.0.0.2");
  EXPECT_EQ(allocate(vips, "c"), "241.0.0.3");
  EXPECT_EQ(allocate(vips, "d"), "full");
}

// Too many steps for anybody who goes through addresses one by one.
TEST_P(BothOrders, DoNotWalkThroughLargeRanges) {
  VipAllocator vips = allocator(GetParam(), "240.0.0.0/4", "fd00::/8");
  constexpr int kOwners = 100'000;
  for (int i = 0; i < kOwners; ++i) {
    ASSERT_TRUE(vips.allocate(std::to_string(i)));
  }
  for (int round = 0; round < 3; ++round) {
    vips.release_unclaimed();
    for (int i = round % 2; i < kOwners; i += 2) {
      ASSERT_TRUE(vips.allocate(std::to_string(i)));
    }
  }
  vips.release_unclaimed();
  EXPECT_EQ(vips.owners().size(), kOwners / 2);
}

}  // namespace
}  // namespace meshdns::vips
