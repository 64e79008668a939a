#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <meshdns/domain_name.hpp>

namespace meshdns {
namespace {

DomainName name(std::string_view text) {
  auto result = DomainName::parse(text);
  EXPECT_TRUE(result) << text << ": " << result.error();
  return result.value_or(DomainName{});
}

std::string octets(const DomainName& name) {
  return {name.wire().begin(), name.wire().end()};
}

std::string repeat(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) {
    result += text;
  }
  return result;
}

TEST(DomainName, IsKeptInLowerCaseWireForm) {
  EXPECT_EQ(octets(name("Backend.MESH")), std::string("\7backend\4mesh\0", 14));
  EXPECT_EQ(name("backend.mesh."), name("BACKEND.mesh"));
  EXPECT_EQ(octets(name(".")), std::string(1, '\0'));
  EXPECT_EQ(DomainName{}, name("."));
}

TEST(DomainName, UnderstandsEscapes) {
  EXPECT_EQ(octets(name("a\\.b.mesh")), std::string("\3a.b\4mesh\0", 10));
  EXPECT_EQ(octets(name("\\065\\000\\255.mesh")), std::string("\3a\0\xff\4mesh\0", 10));
  EXPECT_EQ(octets(name("a\\\\b\\.")), std::string("\4a\\b.\0", 6));
  EXPECT_EQ(octets(name("\\b\\@.mesh")), std::string("\2b@\4mesh\0", 9));
}

TEST(DomainName, WritesWhatItCanReadAgain) {
  for (const char* text : {".", "mesh", "backend.mesh", "*.shops.mesh", "_http._tcp.orders.mesh",
                           "a\\.b.mesh", "a\\\\b.mesh", "\\000\\032\\255.mesh", "@.mesh"}) {
    EXPECT_EQ(name(text).to_string(), text);
  }
}

TEST(DomainName, AllowsExactlyWhatTheLimitsAllow) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  EXPECT_EQ(name(longest).wire().size(), 255U);
  EXPECT_EQ(name(longest + ".").wire().size(), 255U);
  EXPECT_EQ(name(longest).to_string(), longest);
  EXPECT_EQ(DomainName::parse(longest + "b").error(), "name longer than 255 octets");
  EXPECT_EQ(DomainName::parse(longest + "b.").error(), "name longer than 255 octets");
  EXPECT_EQ(name(repeat("a.", 127)).label_count(), 127U);
  EXPECT_EQ(DomainName::parse(repeat("a.", 128)).error(), "name longer than 255 octets");

  EXPECT_EQ(name(repeat("\\097", 63) + ".mesh"), name(label + ".mesh"));
  EXPECT_EQ(name(repeat("\\097", 63) + "." + longest.substr(64)), name(longest));
  EXPECT_EQ(DomainName::parse(repeat("\\097", 64) + ".mesh").error(), "label longer than 63 octets");
}

TEST(DomainName, SaysWhatIsWrong) {
  struct Case {
    std::string text;
    const char* expected;
  };
  for (const auto& [text, expected] : {
           Case{"", "empty name"},
           Case{"..", "empty label"},
           Case{".mesh", "empty label"},
           Case{"a..mesh", "empty label"},
           Case{"mesh..", "empty label"},
           Case{"a\\.b..c", "empty label"},
           Case{std::string(64, 'a'), "label longer than 63 octets"},
           Case{std::string(64, 'a') + ".mesh", "label longer than 63 octets"},
           Case{std::string(64, 'a') + ".", "label longer than 63 octets"},
           Case{"a\\256.mesh", "bad escape, expected '\\' and a character or three digits up to 255"},
           Case{"a\\25.mesh", "bad escape, expected '\\' and a character or three digits up to 255"},
           Case{"a\\1", "bad escape, expected '\\' and a character or three digits up to 255"},
           Case{"a\\", "bad escape, expected '\\' and a character or three digits up to 255"},
           Case{"my shop.mesh", "white space in a name"},
           Case{"shop.mesh\n", "white space in a name"},
           Case{std::string("shop\0.mesh", 10), "control character in a name"},
           Case{"b\xc3\xbc"
                "cher.mesh",
                "character outside ASCII, expected the xn-- form of the label"},
       }) {
    const auto result = DomainName::parse(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error(), expected) << text;
  }
}

TEST(DomainName, FoldsTheCaseOfWireNamesToo) {
  const std::string wire("\7BackEnd\4MESH\0", 14);
  const std::vector<std::uint8_t> bytes(wire.begin(), wire.end());
  EXPECT_EQ(DomainName::from_wire(bytes), name("backend.mesh"));
}

TEST(DomainName, KnowsItsPlaceInTheTree) {
  EXPECT_TRUE(name("a.b.mesh").is_at_or_below(name("b.mesh")));
  EXPECT_TRUE(name("b.mesh").is_at_or_below(name("B.mesh")));
  EXPECT_TRUE(name("b.mesh").is_at_or_below(DomainName{}));
  EXPECT_TRUE(DomainName{}.is_at_or_below(DomainName{}));
  EXPECT_FALSE(name("mesh").is_at_or_below(name("b.mesh")));
  EXPECT_FALSE(name("ab.mesh").is_at_or_below(name("b.mesh")));
  EXPECT_FALSE(DomainName{}.is_at_or_below(name("mesh")));
}

TEST(DomainName, DoesNotMistakeOctetsInsideALabelForAnAncestor) {
  EXPECT_FALSE(name("x\\004mesh").is_at_or_below(name("mesh")));
}

TEST(DomainName, HasAParentUpToTheRoot) {
  EXPECT_EQ(name("a.b.mesh").parent(), name("b.mesh"));
  EXPECT_EQ(name("mesh").parent(), DomainName{});
  EXPECT_EQ(DomainName{}.parent(), DomainName{});
  EXPECT_EQ(name("a.b.mesh").label_count(), 3U);
  EXPECT_EQ(DomainName{}.label_count(), 0U);
}

TEST(DomainName, IsAWildcardOnlyByItsFirstLabel) {
  EXPECT_TRUE(name("*.mesh").is_wildcard());
  EXPECT_TRUE(name("*").is_wildcard());
  EXPECT_FALSE(name("a*.mesh").is_wildcard());
  EXPECT_FALSE(name("a.*.mesh").is_wildcard());
  EXPECT_FALSE(DomainName{}.is_wildcard());
}

}  // namespace
}  // namespace meshdns
