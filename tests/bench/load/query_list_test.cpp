#include "bench/load/query_list.hpp"

#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::load {
namespace {

using namespace std::string_view_literals;
using testing::HasSubstr;

TEST(EncodeQuery, WritesHeaderQuestionAndOpt) {
  const auto query = encode_query("Web.mesh. AAAA records ; a comment", true);
  ASSERT_TRUE(query) << query.error().what;
  EXPECT_EQ(query->wire,
            "\0\0\x01\0\0\x01\0\0\0\0\0\x01"
            "\3Web\4mesh\0\0\x1c\0\x01"
            "\0\0\x29\x04\xd0\0\0\0\0\0\0"sv);
  EXPECT_EQ(query->question_size, 14U);
  EXPECT_EQ(query->expect, Expect::Records);
}

TEST(EncodeQuery, KnowsTheRootAndTypesByNumber) {
  const auto query = encode_query(". TYPE65280", false);
  ASSERT_TRUE(query) << query.error().what;
  EXPECT_EQ(query->wire, "\0\0\x01\0\0\x01\0\0\0\0\0\0\0\xff\0\0\x01"sv);
}

TEST(EncodeQuery, RefusesWhatIsNoQuestion) {
  const std::string long_label(64, 'a');
  for (const std::string& line :
       {std::string("web.mesh"), std::string("web.mesh AA"), std::string("web..mesh A"),
        std::string("web.mesh TYPE65536"), std::string("web.mesh A perhaps"), std::string("a\\.b.mesh A"),
        long_label + " A"}) {
    EXPECT_FALSE(encode_query(line, false)) << line;
  }
}

TEST(ReadQueries, NamesFileAndLineOfABadQuery) {
  const std::string path = testing::TempDir() + "meshdns_read_queries_test";
  std::ofstream(path) << "# names\n\nweb.mesh A\nweb.mesh NOTYPE\n";
  const auto queries = read_queries(path, false);
  ASSERT_FALSE(queries);
  EXPECT_THAT(queries.error().what, HasSubstr(path + ":4:1: unknown type \"NOTYPE\""));
  std::remove(path.c_str());
}

class FindFault : public testing::Test {
 protected:
  static std::string_view fault_of(std::string_view reply, Expect expect) {
    static const Query query = *encode_query("web.mesh A", false);
    return find_fault(query.wire, query.question_size, expect, reply);
  }
};

TEST_F(FindFault, AcceptsTheQuestionInAnyCase) {
  EXPECT_EQ(fault_of("\x12\x34\x85\x80\0\1\0\1\0\0\0\0\3wEB\4MEsh\0\0\1\0\1"sv, Expect::Records), "");
}

TEST_F(FindFault, SeesAnotherQuestionAMissingQrAndAShortReply) {
  EXPECT_NE(fault_of("\0\0\x85\x80\0\1\0\1\0\0\0\0\3wec\4mesh\0\0\1\0\1"sv, Expect::Records), "");
  EXPECT_NE(fault_of("\0\0\x85\x80\0\1\0\1\0\0\0\0\3web\4mesh\0\0\x1c\0\1"sv, Expect::Records), "");
  EXPECT_NE(fault_of("\0\0\x05\x80\0\1\0\1\0\0\0\0\3web\4mesh\0\0\1\0\1"sv, Expect::Records), "");
  EXPECT_NE(fault_of("\0\0\x85\x80\0\1\0\1\0\0\0\0"sv, Expect::Records), "");
}

TEST_F(FindFault, TellsTheOutcomesApart) {
  const auto records = "\0\0\x85\x80\0\1\0\1\0\0\0\0\3web\4mesh\0\0\1\0\1"sv;
  const auto nodata = "\0\0\x85\x80\0\1\0\0\0\0\0\0\3web\4mesh\0\0\1\0\1"sv;
  const auto nxdomain = "\0\0\x85\x83\0\1\0\0\0\0\0\0\3web\4mesh\0\0\1\0\1"sv;
  const auto servfail = "\0\0\x85\x82\0\1\0\0\0\0\0\0\3web\4mesh\0\0\1\0\1"sv;
  EXPECT_EQ(fault_of(records, Expect::Records), "");
  EXPECT_EQ(fault_of(nodata, Expect::NoData), "");
  EXPECT_EQ(fault_of(nxdomain, Expect::NxDomain), "");
  EXPECT_EQ(fault_of(servfail, Expect::ServFail), "");
  EXPECT_EQ(fault_of(nxdomain, Expect::AnyAnswer), "");
  EXPECT_NE(fault_of(nodata, Expect::Records), "");
  EXPECT_NE(fault_of(records, Expect::NoData), "");
  EXPECT_NE(fault_of(servfail, Expect::AnyAnswer), "");
}

TEST(QuerySource, AsksNoNameTwiceWhenUnique) {
  auto source = QuerySource::open({*encode_query("u00000000.example.com A", false)}, true, 0xfffffff0);
  ASSERT_TRUE(source) << source.error().what;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(seen.insert(source->next().wire).second);
  }
  EXPECT_TRUE(seen.contains(encode_query("u000003d7.example.com A", false)->wire));
}

TEST(QuerySource, NeedsRoomForTheCount) {
  EXPECT_FALSE(QuerySource::open({*encode_query("short.example.com A", false)}, true, 0));
}

}  // namespace
}  // namespace meshdns::load
