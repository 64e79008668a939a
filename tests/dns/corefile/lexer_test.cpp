#include "dns/corefile/lexer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::corefile {
namespace {

const auto kSource = std::make_shared<const Source>(Source{"Corefile", {}});

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> words;
  const auto tokens = tokenize(text, kSource).value();
  words.reserve(tokens.size());
  for (const auto& token : tokens) {
    words.push_back(token.text);
  }
  return words;
}

struct Example {
  std::string_view text;
  std::vector<std::string> words;
};

TEST(Tokenize, SplitsWordsAsCoreDnsDoes) {
  const Example examples[] = {
      {"", {}},
      {"\xEF\xBB\xBF.:53 {\n}\n", {".:53", "{", "}"}},
      {"a\tb\vc\fd  e", {"a", "b", "c", "d", "e"}},
      {"a\xC2\xA0"
       "b\xE3\x80\x80"
       "c",
       {"a", "b", "c"}},
      {"stra\xC3\x9F"
       "e \xE2\x82\xAC",
       {"stra\xC3\x9F"
        "e",
        "\xE2\x82\xAC"}},
      {"a # b\nc", {"a", "c"}},
      {"a#b c\nd", {"a", "d"}},
      {"\"a#b\" c", {"a#b", "c"}},
      {"\"\" x", {"", "x"}},
      {R"("say \"hi\" \n" x)", {R"(say "hi" \n)", "x"}},
      {R"(a"b "c"d)", {R"(a"b)", "c", "d"}},
      {"\"two\nlines\"", {"two\nlines"}},
      {"a\r\nb\r", {"a", "b"}},
      {"a\rb", {"ab"}},
      {"'a b' `c`", {"'a", "b'", "`c`"}},
      {"{$A} a{ {}", {"{$A}", "a{", "{}"}},
  };
  for (const auto& [text, expected] : examples) {
    EXPECT_EQ(words(text), expected) << text;
  }
}

TEST(Tokenize, KeepsTheLineOfEachWord) {
  const auto tokens = tokenize("a b\n\n\"c\nd\" e\nf", kSource).value();
  ASSERT_EQ(tokens.size(), 5U);
  const std::vector<std::pair<std::uint32_t, bool>> expected = {
      {1, true}, {1, false}, {3, true}, {4, false}, {5, true}};
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    EXPECT_EQ(std::pair(tokens[i].line, tokens[i].starts_line), expected[i]) << tokens[i].text;
  }
}

TEST(Tokenize, RefusesAQuoteThatNeverEnds) {
  EXPECT_EQ(tokenize("a\n\"b\nc", kSource).error().what,
            "Corefile:2 - Error during parsing: Unexpected EOF inside a quoted word");
}

TEST(Tokenize, RefusesNulOctets) {
  EXPECT_EQ(tokenize(std::string_view("a\n\0b", 4), kSource).error().what,
            "Corefile:2 - Error during parsing: Unexpected NUL octet");
}

}  // namespace
}  // namespace meshdns::corefile
