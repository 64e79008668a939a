#include "dns/corefile/zone_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::corefile {
namespace {

std::string key_of(std::string_view text) {
  const Token token{std::string(text), std::make_shared<const Source>(Source{"Corefile", {}}), 1, true};
  const auto key = parse_zone_key(token);
  if (!key) {
    return key.error().what;
  }
  std::vector<std::string> zones;
  zones.reserve(key->zones.size());
  for (const auto& zone : key->zones) {
    zones.push_back(zone.to_string());
  }
  return fmt::format("{}{}", fmt::join(zones, " "), key->port ? fmt::format(":{}", *key->port) : "");
}

TEST(ZoneKey, ReadsNamesPortsAndCidrs) {
  const std::pair<std::string_view, std::string_view> examples[] = {
      {".", "."},
      {":5300", ".:5300"},
      {".:53", ".:53"},
      {".:0", ".:0"},
      {"dns://.", "."},
      {"dns://example.org:1053", "example.org:1053"},
      {"Example.ORG.", "example.org"},
      {"10.0.0.0/8", "10.in-addr.arpa"},
      {"10.0.0.0/24:54", "0.0.10.in-addr.arpa:54"},
      {"10.1.2.3/32", "3.2.1.10.in-addr.arpa"},
      {"10.1.2.3/24", "2.1.10.in-addr.arpa"},
      {"10.0.2.0/23", "2.0.10.in-addr.arpa 3.0.10.in-addr.arpa"},
      {"0.0.0.0/0", "in-addr.arpa"},
      {"2001:db8::/32", "8.b.d.0.1.0.0.2.ip6.arpa"},
      {"2001:db8::/31:5353", "8.b.d.0.1.0.0.2.ip6.arpa 9.b.d.0.1.0.0.2.ip6.arpa:5353"},
      {"2001:d00::/24:53", "d.0.1.0.0.2.ip6.arpa:53"},
      {"2001:db8:a000::/35", "a.8.b.d.0.1.0.0.2.ip6.arpa b.8.b.d.0.1.0.0.2.ip6.arpa"},
      {"::/0", "Corefile:1 - Error during parsing: invalid CIDR ::/0"},
      {"0db8::/16", "Corefile:1 - Error during parsing: invalid CIDR 0db8::/16"},
      {"10.0.0.0/33", "10.0.0.0/33"},
      {"0/25.2.0.192.in-addr.arpa", "0/25.2.0.192.in-addr.arpa"},
      {"example.org:",
       "Corefile:1 - Error during parsing: expecting data after last colon: \"example.org:\""},
      {"example.org:65536", "Corefile:1 - Error during parsing: invalid port '65536', expected 0..65535"},
      {"foo:bar", "Corefile:1 - Error during parsing: 'foo:bar' is not a zone, expected [dns://]zone[:port]"},
      {"foo://.", "Corefile:1 - Error during parsing: unknown scheme foo://, expected dns://, in 'foo://.'"},
      {"tls://.",
       "Corefile:1 - Error during parsing: scheme tls:// is not supported, expected dns://, in 'tls://.'"},
      {"https://a",
       "Corefile:1 - Error during parsing: scheme https:// is not supported, expected dns://, in "
       "'https://a'"},
  };
  for (const auto& [text, expected] : examples) {
    EXPECT_EQ(key_of(text), expected) << text;
  }
}

TEST(ZoneKey, ExpandsAMaskInsideALabelToEveryZone) {
  const auto zones = key_of("10.0.0.32/27");
  EXPECT_THAT(zones, testing::StartsWith("32.0.0.10.in-addr.arpa 33.0.0.10.in-addr.arpa"));
  EXPECT_THAT(zones, testing::EndsWith(" 63.0.0.10.in-addr.arpa"));
}

TEST(ZoneKey, RefusesWhatCannotBeAName) {
  EXPECT_EQ(key_of(std::string(256, 'a')),
            "Corefile:1 - Error during parsing: specified zone is too long: 256 > 255");
  EXPECT_THAT(key_of(std::string(64, 'a')), testing::HasSubstr("is not a zone: "));
  EXPECT_THAT(key_of("a..b"),
              testing::StartsWith("Corefile:1 - Error during parsing: 'a..b' is not a zone: "));
}

}  // namespace
}  // namespace meshdns::corefile
