#include "zones/template/printf.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "zones/template/limits.hpp"

namespace meshdns::templates {
namespace {

using Values = std::vector<Value>;

Value text(std::string_view is) {
  return is;
}

Value integer(std::int64_t is) {
  return is;
}

Value octet(std::uint8_t is) {
  return is;
}

struct Case {
  std::string_view format;
  Values arguments;
  std::string_view expected;
};

void expect(std::initializer_list<Case> cases) {
  for (const Case& each : cases) {
    EXPECT_EQ(go_printf(each.format, each.arguments), std::string(each.expected)) << each.format;
  }
}

TEST(Printf, FormatsTexts) {
  expect({
      {"%s", {text("abc")}, "abc"},
      {"%v %+v %#v", {text("a"), text("b"), text("c")}, "a b \"c\""},
      {"[%5s] [%-5s] [%05s]", {text("ab"), text("ab"), text("ab")}, "[   ab] [ab   ] [000ab]"},
      {"[%.2s] [%5.1s] [%.0s] [%.s]",
       {text("abc"), text("abc"), text("abc"), text("abc")},
       "[ab] [    a] [] []"},
      {"[%4s] [%.1s]", {text("\xc3\xa4"), text("\xc3\xa4q")}, "[   \xc3\xa4] [\xc3\xa4]"},
      {"%q", {text("a\"b\\\n\x01\x7f\xc3\xa4\xff")}, "\"a\\\"b\\\\\\n\\x01\\x7f\xc3\xa4\\xff\""},
      {"%+q %#q %#q",
       {text("\xc3\xa4\xf0\x9f\x98\x80"), text("a\"b"), text("`")},
       "\"\\u00e4\\U0001f600\" `a\"b` \"`\""},
      {"%q", {text("\a\b\f\n\r\t\v")}, "\"\\a\\b\\f\\n\\r\\t\\v\""},
      {"%x %X %# x % X %#x",
       {text("hi"), text("j\xff"), text("hi"), text("hi"), text("hi")},
       "6869 6AFF 0x68 0x69 68 69 0x6869"},
      {"[%.1x] [%6x] [%-6x] [%3x]",
       {text("hi"), text("hi"), text("hi"), text("")},
       "[68] [  6869] [6869  ] [   ]"},
  });
}

TEST(Printf, FormatsIntegers) {
  expect({
      {"%d %v %d", {integer(42), integer(-7), octet(200)}, "42 -7 200"},
      {"[%5d] [%-5d] [%05d] [%+d] [% d]",
       {integer(42), integer(42), integer(-42), integer(42), integer(42)},
       "[   42] [42   ] [-0042] [+42] [ 42]"},
      {"[%.4d] [%6.4d] [%06.4d] [%.0d] [%3.0d]",
       {integer(42), integer(42), integer(42), integer(0), integer(0)},
       "[0042] [  0042] [  0042] [] [   ]"},
      {"[%-05d] [%0-5d]", {integer(42), integer(42)}, "[42   ] [42   ]"},
      {"%x %X %#x %#X %08x",
       {integer(255), integer(255), integer(255), integer(255), integer(255)},
       "ff FF 0xff 0XFF 000000ff"},
      {"%o %#o %O %#o", {integer(8), integer(8), integer(8), integer(0)}, "10 010 0o10 0"},
      {"%b %#b %b", {integer(5), integer(5), integer(-5)}, "101 0b101 -101"},
      {"%c %c %c", {integer('A'), integer(0xe4), integer(-1)}, "A \xc3\xa4 \xef\xbf\xbd"},
      {"%q %q %+q %q",
       {integer('A'), integer('\''), integer(0xe4), integer(10)},
       "'A' '\\'' '\\u00e4' '\\n'"},
      {"%U %#U %U %#U",
       {integer('A'), integer('A'), integer(0x1f600), integer(1)},
       "U+0041 U+0041 'A' U+1F600 U+0001"},
      {"%d", {integer(std::numeric_limits<std::int64_t>::min())}, "-9223372036854775808"},
      {"%v %#v %c %x", {octet(65), octet(65), octet(65), octet(65)}, "65 0x41 A 41"},
      {"[%5c] [%-3c]", {integer('A'), integer('A')}, "[    A] [A  ]"},
  });
}

TEST(Printf, FormatsFloats) {
  expect({
      {"%v %g %f %e", {1.5, 1.5, 1.5, 1.5}, "1.5 1.5 1.500000 1.500000e+00"},
      {"%.2f %.0f %8.3f %-8.1f| %08.2f %+.1f % .1f",
       {3.14159, 2.5, 3.14159, 3.14159, -3.14159, 1.0, 1.0},
       "3.14 2    3.142 3.1     | -0003.14 +1.0  1.0"},
      {"%F %E %G", {1.5, 1.5, 1e20}, "1.500000 1.500000E+00 1E+20"},
      {"%.3g %.3g %.10g %g", {1234567.0, 100.0, 1234567.0, 1e21}, "1.23e+06 100 1234567 1e+21"},
      {"%v %v %v", {0.0, 100000.0, 1000000.0}, "0 100000 1e+06"},
      {"%x %X %.1x", {1.5, 1.5, 1.0}, "0x1.8p+00 0X1.8P+00 0x1.0p+00"},
      {"%b", {1.0}, "4503599627370496p-52"},
      {"[%6v] [%06v] [%-6v]", {1.5, -1.5, 1.5}, "[   1.5] [-001.5] [1.5   ]"},
  });
}

TEST(Printf, FormatsTheRest) {
  expect({
      {"%t %v %5t", {true, false, true}, "true false  true"},
      {"%v %5v", {Value(), Value()}, "<nil> <nil>"},
      {"%T %T %T %T %T %T",
       {text("a"), integer(1), octet(1), 1.5, true, Value()},
       "string int uint8 float64 bool <nil>"},
      {"100%% %5%", {}, "100% %"},
      {"\xc3\xa4%s\xc3\xa4", {text("x")}, "\xc3\xa4x\xc3\xa4"},
  });
}

TEST(Printf, ShowsWrongVerbsAndCountsInTheText) {
  expect({
      {"%d", {text("x")}, "%!d(string=x)"},
      {"%5d", {text("x")}, "%!d(string=    x)"},
      {"%s", {integer(1)}, "%!s(int=1)"},
      {"%s", {octet(97)}, "%!s(uint8=97)"},
      {"%s %t", {1.5, text("x")}, "%!s(float64=1.5) %!t(string=x)"},
      {"%d", {true}, "%!d(bool=true)"},
      {"%z", {integer(1)}, "%!z(int=1)"},
      {"%+z", {integer(1)}, "%!z(int=+1)"},
      {"%!", {integer(1)}, "%!!(int=1)"},
      {"%\xc3\xa4", {integer(1)}, "%!\xc3\xa4(int=1)"},
      {"%s", {Value()}, "%!s(<nil>)"},
      {"%s", {}, "%!s(MISSING)"},
      {"%s-%d", {text("a")}, "a-%!d(MISSING)"},
      {"%", {}, "%!(NOVERB)"},
      {"a%-", {text("x")}, "a%!(NOVERB)%!(EXTRA string=x)"},
      {"x", {text("y")}, "x%!(EXTRA string=y)"},
      {"%s", {text("a"), integer(1), Value(), 2.5}, "a%!(EXTRA int=1, <nil>, float64=2.5)"},
  });
}

TEST(Printf, TakesWidthsAndArgumentNumbersFromTheArguments) {
  expect({
      {"[%*d] [%-*d] [%*d]",
       {integer(5), integer(42), integer(5), integer(42), integer(-5), integer(42)},
       "[   42] [42   ] [42   ]"},
      {"[%.*f] [%.*f]", {integer(1), 1.25, integer(-1), 1.25}, "[1.2] [%!(BADPREC)1.250000]"},
      {"%*d", {text("x"), integer(1)}, "%!(BADWIDTH)1"},
      {"%*d", {integer(2'000'000), integer(1)}, "%!(BADWIDTH)1"},
      {"%[2]s-%[1]s", {text("a"), text("b")}, "b-a"},
      {"%[1]s %[1]q", {text("a")}, "a \"a\""},
      {"%[2]*[1]d", {integer(7), integer(3)}, "  7"},
      {"%[3]s", {text("a")}, "%!s(BADINDEX)"},
      {"%[0]s %[x]s %[]s", {text("a")}, "%!s(BADINDEX) %!s(BADINDEX) %!s(BADINDEX)"},
      {"%[1", {text("a")}, "%!(NOVERB)"},
      {"%[1]2s", {text("a")}, "%!s(BADINDEX)"},
  });
}

TEST(Printf, RefusesWhatIsTooLong) {
  EXPECT_EQ(go_printf("%65536d", Values{integer(1)})->size(), kMaxRendered);
  for (const std::string_view format : {"%65537d", "%.65537d", "%.65537f", "%99999999999999999999d",
                                        "%40000d%40000d", "%-70000s", "%65530dabcdefg", "%.65530fab"}) {
    const auto made = go_printf(format, Values{integer(1), integer(1)});
    EXPECT_TRUE(!made || made->size() <= kMaxRendered) << format;
  }
  EXPECT_FALSE(go_printf("%65537d", Values{integer(1)}));
  EXPECT_FALSE(go_printf("%99999999999999999999d", Values{integer(1)}));
  EXPECT_FALSE(go_printf("%40000d%40000d", Values{integer(1), integer(1)}));
  EXPECT_FALSE(go_printf("%*d", Values{integer(100'000), integer(1)}));
  EXPECT_FALSE(go_printf("%x", Values{text(std::string(kMaxRendered, 'x'))}));
}

}  // namespace
}  // namespace meshdns::templates
