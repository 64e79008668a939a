#include "zones/text/yaml_file.hpp"

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::text {
namespace {

using ::testing::ElementsAre;

// Every scalar of a tree as `key=text@line:column`.
void list(const YamlNode& node, std::vector<std::string>& lines) {
  if (node.kind == YamlNode::Kind::Scalar) {
    lines.push_back(fmt::format("{}={}@{}:{}", node.key, node.text, node.at.line, node.at.column));
  }
  for (const YamlNode& child : node.children) {
    list(child, lines);
  }
}

std::vector<std::string> read(std::string_view text) {
  std::vector<std::string> lines;
  static constexpr std::array<std::string_view, 2> kStreamed{"items", "records"};
  read_yaml(text, kStreamed,
            {.on_item =
                 [&](std::string_view key, const YamlNode& item) {
                   lines.push_back("item of " + std::string(key));
                   list(item, lines);
                 },
             .on_document =
                 [&](const YamlNode& document) {
                   lines.emplace_back("document");
                   list(document, lines);
                 }});
  return lines;
}

TEST(ReadYaml, HandsOverItemsOneByOneAndThenTheRest) {
  EXPECT_THAT(
      read("a: 1\nitems:\n- b: 2\n- 3\nc:\n  items: [4]\n"),
      ElementsAre("item of items", "b=2@3:6", "item of items", "=3@4:3", "document", "a=1@1:4", "=4@6:11"));
}

TEST(ReadYaml, HandsOverTheItemsOfSeveralLists) {
  EXPECT_THAT(read("records: [1]\nitems: [2]\nothers: [3]\n"),
              ElementsAre("item of records", "=1@1:11", "item of items", "=2@2:9", "document", "=3@3:10"));
  EXPECT_THAT(read("- items\n- [2]\n"), ElementsAre("document", "=items@1:3", "=2@2:4"));
}

TEST(ReadYaml, NamesTheFirstListWhereAFileIsEmpty) {
  const auto fault = [](std::span<const std::string_view> keys) {
    try {
      read_yaml("# nothing", keys, {});
    } catch (const YamlFault& empty) {
      return empty.what;
    }
    return std::string("no fault");
  };
  EXPECT_EQ(fault({}), "empty file, expected a document");
  static constexpr std::array<std::string_view, 2> kKeys{"records", "items"};
  EXPECT_EQ(fault(kKeys), "empty file, expected a document with 'records'");
}

TEST(ReadYaml, KnowsPlacesInJsonWhereverItStarts) {
  EXPECT_THAT(read("{\"a\": 1}"), ElementsAre("document", "a=1@1:7"));
  EXPECT_THAT(read("\n\n  {\"a\": 1,\n\"b\": 2}"), ElementsAre("document", "a=1@3:9", "b=2@4:6"));
  EXPECT_THAT(read("\xef\xbb\xbf{\"a\": 1}"), ElementsAre("document", "a=1@1:7"));
  EXPECT_THAT(read("{\n\t\"a\":1,\n\t\"b\":2\n}"), ElementsAre("document", "a=1@2:6", "b=2@3:6"));
}

TEST(ReadYaml, ReadsSeveralDocumentsAndLeavesOutEmptyOnes) {
  EXPECT_THAT(read("---\n---\na: 1\n---\n# nothing\n---\nb: 2\n...\n"),
              ElementsAre("document", "a=1@3:4", "document", "b=2@7:4"));
}

TEST(ReadYaml, CountsColumnsInOctetsAndLinesByLineFeeds) {
  EXPECT_THAT(
      read("\xc3\xa9: \xc3\xbc\n\xe6\x97\xa5: {x: \xf0\x9f\x98\x80, y: 1}\nz: 2\n"),
      ElementsAre("document", "\xc3\xa9=\xc3\xbc@1:5", "x=\xf0\x9f\x98\x80@2:10", "y=1@2:19", "z=2@3:4"));
  EXPECT_THAT(read("a: \"x\xe2\x80\xa8y\"\nb: 1\n"),
              ElementsAre("document", ::testing::StartsWith("a="), "b=1@2:4"));
  EXPECT_THAT(read("a: b\r\nc:\r\n- d\r\n"), ElementsAre("document", "a=b@1:4", "=d@3:3"));
}

TEST(ReadYaml, TakesTabsAnywhereInJson) {
  EXPECT_THAT(read("\t\n\t{\n\t\"a\":\t1\t,\n\t\t\"b\":\t[\n\t2\n\t,\ttrue\n\t]\n\t}\t\n\t\n"),
              ElementsAre("document", "a=1@3:7", "=2@5:2", "=true@6:4"));
}

TEST(ReadYaml, ReadsTheEscapesOfJson) {
  EXPECT_THAT(read(R"({"a":"\/\u00e9\"\\\b\f\n\r\t","b":-1.5e3})"),
              ElementsAre("document", "a=/\xc3\xa9\"\\\b\f\n\r\t@1:6", "b=-1.5e3@1:35"));
}

// Each value of a map, as what it is taken for.
std::string kinds(std::string_view text) {
  std::string result;
  read_yaml(text, {}, {.on_item = {}, .on_document = [&](const YamlNode& document) {
                         for (const YamlNode& child : document.children) {
                           const bool is_nothing = child.kind == YamlNode::Kind::Nothing;
                           result += is_nothing ? "nothing " : child.quoted ? "text " : "plain ";
                         }
                       }});
  return result;
}

TEST(ReadYaml, TellsNothingTextAndTheRestApart) {
  EXPECT_EQ(kinds("[~, null, Null, NULL]"), "nothing nothing nothing nothing ");
  EXPECT_EQ(kinds("- \n- &a\n- # comment\n"), "nothing nothing nothing ");
  EXPECT_EQ(kinds("['', '~', \"null\", !!str , !!str ~, ! 1]"), "text text text text text text ");
  EXPECT_EQ(kinds("- |\n  null\n- >-\n  1\n"), "text text ");
  EXPECT_EQ(kinds("[1, true, nUll, &b c]"), "plain plain plain plain ");
}

TEST(ReadYaml, PlacesAMissingValueAtItsKey) {
  YamlNode document;
  read_yaml("a: 1\nb:\n\n\nc: ~\n", {},
            {.on_item = {}, .on_document = [&](const YamlNode& read) { document = read; }});
  EXPECT_EQ(document.find("b")->at.line, 2U);
  EXPECT_EQ(document.find("b")->at.column, 1U);
  EXPECT_EQ(document.find("c")->at.line, 5U);
  EXPECT_EQ(document.find("c")->at.column, 1U);
}

std::string fault(std::string_view text) {
  try {
    read(text);
  } catch (const YamlFault& found) {
    return fmt::format("{}:{}: {}", found.at.line, found.at.column, found.what);
  }
  return "no fault";
}

TEST(ReadYaml, SaysWhereAFaultIsWhereItBeganAndWhatToDo) {
  EXPECT_EQ(fault("\xc3\xa9: [1, 2\nb: 3\n"),
            "2:2: not YAML: did not find expected ',' or ']' while parsing a flow sequence begun at 1:5");
  EXPECT_EQ(fault("a:\n\tb: 1\n"),
            "2:1: not YAML: found character that cannot start any token while scanning for the next token, "
            "expected blanks instead of a tab");
  EXPECT_EQ(fault("a: [::1]\n"),
            "1:5: not YAML: did not find expected node content while parsing a flow node, expected quotes "
            "around text with ':'");
  EXPECT_EQ(
      fault("- a: *.b.mesh\n"),
      "1:7: not YAML: did not find expected alphabetic or numeric character while scanning an alias begun "
      "at 1:6, expected quotes around text that begins so");
  EXPECT_EQ(fault("{\"a\": 1}\n{\"b\": 2}\n"),
            "2:1: not YAML: did not find expected <document start>, expected '---' before another document");
  EXPECT_EQ(
      fault(R"({"a": "\ud83d\ude00"})"),
      "1:10: not YAML: found invalid Unicode character escape code while parsing a quoted scalar begun at "
      "1:7, expected the character itself instead of two escapes");
}

TEST(ReadYaml, RefusesControlCharacters) {
  EXPECT_EQ(fault("\xef\xbb\xbf\xc3\xa9: 1\nb: \x07\n"),
            "2:4: not YAML: control characters are not allowed: U+0007");
}

TEST(ReadYaml, RefusesDeepNestingBeforeItReadsOn) {
  EXPECT_EQ(fault(std::string(1'000'000, '[') + "\x01"), "1:33: nested deeper than 32 levels");
}

TEST(ReadYaml, RefusesATreeThatIsTooLargeBeforeItReadsOn) {
  std::string ones;
  for (int i = 0; i < 600'000; ++i) {  // more than libyaml looks ahead
    ones += "1,";
  }
  EXPECT_EQ(fault("[" + ones + "\x01"), "1:1000000: more than 500000 values in one document or item");
  EXPECT_EQ(fault("{items: [[" + ones + "\x01"),
            "1:1000003: more than 500000 values in one document or item");
}

TEST(ReadYaml, TakesAnyNumberOfItemsAndDocuments) {
  static constexpr std::array<std::string_view, 1> kItems{"items"};
  std::string text;
  for (int document = 0; document < 3; ++document) {
    text += "---\nitems:\n";
    for (int i = 0; i < 120'000; ++i) {
      text += "- {a: 1}\n";
    }
  }
  std::size_t items = 0;
  read_yaml(text, kItems,
            {.on_item = [&](std::string_view, const YamlNode&) { ++items; },
             .on_document = [](const YamlNode&) {}});
  EXPECT_EQ(items, 360'000U);
}

TEST(ReadYaml, RefusesEndlessTagDirectives) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += fmt::format("%TAG !t{}! tag:x\n", i);
  }
  EXPECT_EQ(fault(text + "--- a\n"), "102:1: too many tag directives, expected none");
  EXPECT_THAT(read("%YAML 1.2\n%TAG !t! tag:x\n---\na: !t!x 1\n"), ElementsAre("document", "a=1@4:4"));
}

// Where the `X` of the only scalar of `text` is said to be.
std::string place_of_x(std::string_view text) {
  YamlNode scalar;
  read_yaml(text, {}, {.on_item = {}, .on_document = [&](const YamlNode& document) {
                         scalar = document.children.at(0);
                       }});
  const TextPosition at = position_inside(scalar, scalar.text.find('X'));
  return fmt::format("{}:{}", at.line, at.column);
}

TEST(PositionInside, CountsOctetsOfTextOnOneLine) {
  EXPECT_EQ(place_of_x("a: bcX"), "1:6");
  EXPECT_EQ(place_of_x("a: 'bcX'"), "1:7");
  EXPECT_EQ(place_of_x("a: \"bcX\""), "1:7");
  EXPECT_EQ(place_of_x("\n\n  {\"a\": \"bcX\"}"), "3:12");
}

TEST(PositionInside, CountsEscapesOfQuotes) {
  EXPECT_EQ(place_of_x("a: 'it''s X'"), "1:11");
  EXPECT_EQ(place_of_x(R"(a: "\"b\" \\ X")"), "1:14");
  EXPECT_EQ(place_of_x("a: it's \"X\""), "1:10");
}

TEST(PositionInside, IsTheStartOfWhatSpansLines) {
  EXPECT_EQ(place_of_x("a: |\n  bc\n  X\n"), "1:4");
  EXPECT_EQ(place_of_x("a: |-\n  bcX\n"), "1:4");
  EXPECT_EQ(place_of_x("a: >-\n  bcX\n"), "1:4");
  EXPECT_EQ(place_of_x("a: \"b\\ncX\""), "1:4");
}

}  // namespace
}  // namespace meshdns::text
