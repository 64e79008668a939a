// Every type there can be, over names of each kind.
#include <array>

#include <gtest/gtest.h>

#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"
#include "tests/dns/answer/ask.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;
using namespace meshdns::wire;

// rcode, answers and authority records of the response to a type, or nothing if it is forwarded.
struct Outcome {
  bool forwarded = false;
  unsigned rcode = 0;
  unsigned answers = 0;
  unsigned authorities = 0;
  bool operator==(const Outcome&) const = default;
};

constexpr Outcome kNodata{false, rcode::NoError, 0, 1};
constexpr Outcome kNxdomain{false, rcode::NXDomain, 0, 1};
constexpr Outcome kData{false, rcode::NoError, 1, 0};
constexpr Outcome kRefused{false, rcode::Refused, 0, 0};
constexpr Outcome kForwarded{.forwarded = true};

class DecideTypesTest : public testing::Test {
 protected:
  AnswerTable table = table_of(
      mesh({"mesh"}, {record("a.mesh", {"240.0.0.1"}), record("*.w.mesh", {"240.0.0.1"}),
                      record("deep.ent.mesh", {"240.0.0.1"}), record("api.example.com", {"240.0.0.1"})}));

  Outcome outcome_of(Octets& packet, std::uint16_t type) {
    store16(&packet[packet.size() - 4], type);
    QueryView query;
    EXPECT_EQ(parse_query(packet, query), QueryVerdict::Ok);
    ResponseWriter writer(query, out_, out_.size());
    if (decide(query, &table, 0, writer).verdict == Verdict::Forward) {
      return kForwarded;
    }
    const std::size_t size = writer.finish();
    const auto view = parse_reply({out_.data(), size});
    EXPECT_TRUE(view && view->records_end == size);
    return {false, out_[3] & 15U, load16(&out_[6]), load16(&out_[8])};
  }

  template <class Expected>
  void expect_for_all_types(const char* qname, Expected expected) {
    Octets packet = make_query({.name = qname});
    for (unsigned type = 0; type < 65536; ++type) {
      ASSERT_EQ(outcome_of(packet, static_cast<std::uint16_t>(type)), expected(type))
          << qname << " TYPE" << type;
    }
  }

 private:
  std::array<std::uint8_t, 512> out_;
};

bool is_transfer(unsigned type) {
  return type == type::AXFR || type == type::IXFR;
}

Outcome of_a_name(unsigned type) {
  return is_transfer(type) ? kRefused : type == type::A || type == type::ANY ? kData : kNodata;
}

TEST_F(DecideTypesTest, NothingOfAMeshNameLeaves) {
  expect_for_all_types("a.mesh", of_a_name);
}

TEST_F(DecideTypesTest, NothingOfAWildcardMatchLeaves) {
  expect_for_all_types("x.y.w.mesh", of_a_name);
}

TEST_F(DecideTypesTest, NothingOfAnEmptyNonTerminalLeaves) {
  expect_for_all_types("ent.mesh", [](unsigned type) { return is_transfer(type) ? kRefused : kNodata; });
}

TEST_F(DecideTypesTest, NothingOfAMissingNameLeaves) {
  expect_for_all_types("missing.mesh",
                       [](unsigned type) { return is_transfer(type) ? kRefused : kNxdomain; });
}

TEST_F(DecideTypesTest, NothingOfTheSuffixLeaves) {
  expect_for_all_types("mesh", [](unsigned type) {
    const bool has_data = type == type::SOA || type == type::NS || type == type::ANY;
    return is_transfer(type) ? kRefused : has_data ? kData : kNodata;
  });
}

TEST_F(DecideTypesTest, OtherTypesOfAnOverlayNameLeave) {
  expect_for_all_types("api.example.com", [](unsigned type) {
    switch (type) {
      case type::A:
      case type::ANY:
        return kData;
      case type::AAAA:
      case type::HTTPS:
      case type::SVCB:
        return kNodata;
      default:
        return is_transfer(type) ? kRefused : kForwarded;
    }
  });
}

}  // namespace
}  // namespace meshdns::answer
