#include "zones/vips/address_pool.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace meshdns::vips {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

AddressPool pool_of(std::string_view range) {
  return AddressPool(IpRange::parse(range).value());
}

TEST(AddressPool, FindsTheNextFreeAddressAndStartsAgainAtTheFirst) {
  AddressPool pool = pool_of("10.0.0.252/30");
  EXPECT_EQ(pool.next_free(ip("10.0.0.254")), ip("10.0.0.254"));
  EXPECT_TRUE(pool.take(ip("10.0.0.254")));
  EXPECT_EQ(pool.next_free(ip("10.0.0.254")), ip("10.0.0.255"));
  EXPECT_TRUE(pool.take(ip("10.0.0.255")));
  EXPECT_EQ(pool.next_free(ip("10.0.0.254")), ip("10.0.0.252"));
  EXPECT_EQ(pool.behind(ip("10.0.0.255")), ip("10.0.0.252"));
}

TEST(AddressPool, IsFullWhenEveryAddressIsTaken) {
  for (const char* range :
       {"10.0.0.0/32", "255.255.255.254/31", "::/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffc/126"}) {
    AddressPool pool = pool_of(range);
    std::size_t count = 0;
    while (const auto free = pool.next_free(pool.range().first)) {
      ASSERT_TRUE(pool.take(*free));
      ++count;
    }
    EXPECT_EQ(static_cast<double>(count), pool.range().size()) << range;
    EXPECT_EQ(pool.taken(), count) << range;
  }
}

TEST(AddressPool, ReachesBothEndsOfAllAddresses) {
  for (const auto& [range, last] : {std::pair("0.0.0.0/0", "255.255.255.255"),
                                    std::pair("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}) {
    AddressPool pool = pool_of(range);
    EXPECT_TRUE(pool.take(ip(last)));
    EXPECT_EQ(pool.next_free(ip(last)), pool.range().first);
    EXPECT_TRUE(pool.take(pool.range().first));
    EXPECT_FALSE(pool.take(ip(last)));
    EXPECT_EQ(pool.next_free(ip(last)), pool.behind(pool.range().first));
    pool.give_back(ip(last));
    EXPECT_EQ(pool.next_free(ip(last)), ip(last));
  }
}

// Against a plain set, with all that can happen to runs: growing at both ends, joining, splitting, vanishing.
TEST(AddressPool, AgreesWithASetOfAddresses) {
  AddressPool pool = pool_of("10.0.0.0/26");
  std::set<IpAddress> taken;
  std::mt19937 random(1);
  for (int step = 0; step < 20'000; ++step) {
    IpAddress address = pool.range().first;
    address.octets[3] = static_cast<std::uint8_t>(random() % 64);
    if (taken.contains(address) && random() % 2 == 0) {
      pool.give_back(address);
      taken.erase(address);
    } else {
      ASSERT_EQ(pool.take(address), taken.insert(address).second);
    }
    ASSERT_EQ(pool.is_taken(address), taken.contains(address));
    ASSERT_EQ(pool.taken(), taken.size());

    std::optional<IpAddress> expected;
    IpAddress candidate = address;
    for (int i = 0; i < 64 && !expected; ++i, candidate = pool.behind(candidate)) {
      expected = taken.contains(candidate) ? std::nullopt : std::optional(candidate);
    }
    ASSERT_EQ(pool.next_free(address), expected);
  }
}

}  // namespace
}  // namespace meshdns::vips
