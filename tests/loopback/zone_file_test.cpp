// `file`, seen from a client.
#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ZoneFile : public BlockTest {
 protected:
  static std::string zone(const std::string& more) {
    return "$TTL 60\n@ SOA ns hostmaster 1 7200 900 1209600 60\n@ NS ns\nns A 10.3.0.53\n" + more;
  }
};

TEST_F(ZoneFile, AnswersItsZoneAndLeavesTheRest) {
  serve("file " + folder.write("db", zone("www A 10.3.0.1\n*.wild AAAA fd00::3\n")) + " corp.test");
  const auto reply = ask_udp(address(), {.name = "WWW.corp.test"});
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->aa && reply->ra);
  EXPECT_THAT(reply->answer, ElementsAre("WWW.corp.test. 60 IN A 10.3.0.1"));
  EXPECT_EQ(data("a.b.wild.corp.test", "AAAA"), "fd00::3");
  EXPECT_EQ(data("none.corp.test"), "NXDOMAIN");
  EXPECT_EQ(upstream.questions().size(), 0U);
  EXPECT_THAT(data("www.test"), HasSubstr("10."));
}

TEST_F(ZoneFile, FollowsACnameOutOfTheZoneThroughTheServer) {
  serve("mesh " + folder.write("zone.yaml", shop_zone()) + "\nfile " +
        folder.write("db", zone("far CNAME www.example.org.\nnear CNAME a\na CNAME v4.mesh.\n")) +
        " corp.test");
  const auto far = ask_udp(address(), {.name = "far.corp.test", .edns_size = 1232});
  ASSERT_TRUE(far);
  EXPECT_EQ(far->answer.size(), 2U);
  EXPECT_THAT(upstream.questions(), ElementsAre("www.example.org 1"));
  const auto near = ask_tcp(address(), {.name = "near.corp.test"});
  ASSERT_TRUE(near);
  EXPECT_THAT(near->answer, ElementsAre("near.corp.test. 60 IN CNAME a.corp.test.",
                                        "a.corp.test. 60 IN CNAME v4.mesh.", "v4.mesh. 30 IN A 240.0.0.30"));
}

TEST_F(ZoneFile, ABadFileLeavesTheLastGoodZone) {
  serve("file " + folder.write("db", zone("www A 10.3.0.1\n")) + " corp.test");
  EXPECT_EQ(data("www.corp.test"), "10.3.0.1");
  folder.replace("db", zone("www A 10.3.0\n"));
  EXPECT_TRUE(log.wait_for("db:5: ")) << log.text();
  EXPECT_TRUE(log.wait_for("what is in force stays"));
  EXPECT_EQ(data("www.corp.test"), "10.3.0.1");
  folder.replace("db", zone("www A 10.3.0.2\n"));
  EXPECT_TRUE(becomes("www.corp.test", "10.3.0.2")) << log.text();
}

TEST_F(ZoneFile, ABadFileIsNoneOfTheOthersBusiness) {
  serve("file " + folder.write("a", zone("www A 10.3.0.1\n")) + " a.test\nfile " +
        folder.write("b", zone("www A 10.3.1.1\n")) + " b.test\nhosts " +
        folder.write("hosts", "10.3.2.1 www.h.test\n") + " h.test {\n reload 1s\n}");
  folder.replace("a", zone("www A 10.3.0\n"));
  ASSERT_TRUE(log.wait_for("a:5: ")) << log.text();
  folder.replace("b", zone("www A 10.3.1.2\n"));
  folder.replace("hosts", "10.3.2.2 www.h.test\n");
  EXPECT_TRUE(becomes("www.b.test", "10.3.1.2")) << log.text();
  EXPECT_TRUE(becomes("www.h.test", "10.3.2.2")) << log.text();
  EXPECT_EQ(data("www.a.test"), "10.3.0.1") << "the last good one";
  EXPECT_TRUE(log.wait_for("files of the server block reloaded")) << log.text();
}

}  // namespace
}  // namespace meshdns::test
