#include "dns/wire/record_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/dns/wire/octets.hpp"
#include "tests/support/dns_message.hpp"

namespace meshdns::wire {
namespace {

using namespace meshdns::test;
using testing::IsEmpty;

Octets reply() {
  Octets message = make_query({.name = "www.example.org"});
  message[2] |= 0x80;
  return message;
}

TEST(RecordText, SaysSectionNameTtlTypeAndData) {
  Octets message = reply();
  add_record(message, 1, record(type::A, Octets{10, 0, 0, 1}, {0xC0, 12}, 297));
  add_record(message, 2, record(65280, Octets{1, 2, 3}, {0xC0, 16}, 5));
  const auto texts = record_texts(message);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts[0].section, "answer");
  EXPECT_EQ(texts[0].name, "www.example.org.");
  EXPECT_EQ(texts[0].ttl, 297U);
  EXPECT_EQ(texts[0].type, "A");
  EXPECT_EQ(texts[0].data, "10.0.0.1");
  EXPECT_EQ(texts[1].section, "authority");
  EXPECT_EQ(texts[1].name, "example.org.");
  EXPECT_EQ(texts[1].type, "TYPE65280");
  EXPECT_EQ(texts[1].data, "\\# 3 010203");
}

TEST(RecordText, SaysNothingOfWhatIsBroken) {
  Octets message = reply();
  EXPECT_THAT(record_texts(message), IsEmpty());
  message[7] = 9;  // records that are not there
  EXPECT_THAT(record_texts(message), IsEmpty());
  EXPECT_THAT(record_texts({}), IsEmpty());
}

}  // namespace
}  // namespace meshdns::wire
