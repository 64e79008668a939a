#include "dns/wire/update_view.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <meshdns/domain_name.hpp>

#include "tests/dns/wire/octets.hpp"

namespace meshdns::wire {
namespace {

using namespace meshdns::test;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint16_t kUpdate = 0x2800;

Octets name(std::string_view text) {
  const auto parsed = DomainName::parse(text).value();
  return {parsed.wire().begin(), parsed.wire().end()};
}

Octets update(const std::string& zone, const std::string& type = "SOA") {
  return make_query({.name = zone, .type = type, .flags = kUpdate});
}

struct Read {
  bool is_valid = false;
  std::string zone;
  std::vector<std::string> owners;
  bool is_broken = false;
};

Read read(const Octets& packet) {
  QueryView view;
  EXPECT_EQ(parse_query(packet, view), QueryVerdict::NotImp);
  Read read{.is_valid = parse_update(view), .zone = {}, .owners = {}};
  if (read.is_valid) {
    read.zone = DomainName::from_wire(view.folded_qname()).to_string();
    UpdateOwners owners(view);
    for (auto owner = owners.next(); !owner.empty(); owner = owners.next()) {
      read.owners.push_back(DomainName::from_wire(owner).to_string());
    }
    read.is_broken = owners.is_broken();
  }
  return read;
}

TEST(ParseUpdate, FindsTheZoneAndTheOwnersOfPrerequisitesAndChanges) {
  Octets packet = update("Example.ORG");
  add_record(packet, 1, record(type::A, {}, name("used.example.org")));
  add_record(packet, 2, a_record(1));
  Octets below = {3, 'W', 'w', 'w', 0xC0, 12};
  add_record(packet, 2, record(type::A, Octets{10, 0, 0, 1}, below));
  add_record(packet, 3, record(250, Octets{1, 2, 3}, name("a-key")));
  const Read whole = read(packet);
  ASSERT_TRUE(whole.is_valid);
  EXPECT_EQ(whole.zone, "example.org");
  EXPECT_THAT(whole.owners, ElementsAre("used.example.org", "example.org", "www.example.org"));
  EXPECT_FALSE(whole.is_broken);
}

TEST(ParseUpdate, WantsExactlyOneZoneNamedByItsSoa) {
  EXPECT_TRUE(read(update(".")).is_valid);
  EXPECT_FALSE(read(update("example.org", "A")).is_valid);
  Octets two = update("example.org");
  two[5] = 2;
  EXPECT_FALSE(read(two).is_valid);
  Octets cut = update("example.org");
  cut.pop_back();
  EXPECT_FALSE(read(cut).is_valid);
  Octets pointer = header(1, kUpdate, {1, 0, 0, 0});
  append(pointer, Octets{0xC0, 12, 0, 6, 0, 1});
  EXPECT_FALSE(read(pointer).is_valid);
  EXPECT_FALSE(read(header(1, kUpdate, {1, 0, 0, 0})).is_valid);
}

TEST(UpdateOwners, AreBrokenWhereARecordOrANameDoesNotEnd) {
  Octets missing = update("example.org");
  missing[9] = 1;
  EXPECT_TRUE(read(missing).is_broken);
  Octets cut = update("example.org");
  add_record(cut, 2, a_record(1));
  cut.pop_back();
  const Read short_of_an_octet = read(cut);
  EXPECT_THAT(short_of_an_octet.owners, IsEmpty());
  EXPECT_TRUE(short_of_an_octet.is_broken);
  Octets circle = update("example.org");
  const auto at = static_cast<std::uint8_t>(circle.size());
  add_record(circle, 2, record(type::A, {}, {0xC0, at}));
  EXPECT_TRUE(read(circle).is_broken);
}

}  // namespace
}  // namespace meshdns::wire
