// `hosts`, seen from a client.
#include <filesystem>

#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HostsFile : public BlockTest {};

TEST_F(HostsFile, AnswersBeforeTheUpstreamsAndLeavesThemTheRest) {
  serve("hosts " + folder.write("hosts", "10.1.1.1 db.test\n") + " {\n 10.1.1.2 db.test\n fallthrough\n}");
  EXPECT_EQ(data("db.test"), "10.1.1.1 10.1.1.2");
  EXPECT_EQ(data("db.test", "AAAA"), "NOERROR");
  EXPECT_EQ(data("1.1.1.10.in-addr.arpa", "PTR"), "db.test.");
  EXPECT_EQ(upstream.questions().size(), 0U);
  EXPECT_THAT(data("www.example.org"), HasSubstr("10."));
  EXPECT_EQ(upstream.questions().size(), 1U);
}

TEST_F(HostsFile, FailsWhatItDoesNotKnowWithoutFallthrough) {
  serve("hosts " + folder.write("hosts", "10.1.1.1 db.test\n") + " test");
  EXPECT_EQ(data("other.test"), "SERVFAIL");
  EXPECT_EQ(upstream.questions().size(), 0U);
}

TEST_F(HostsFile, IsReadAgainWhenItChangesAndKeptWhenItIsGone) {
  serve("hosts " + folder.write("hosts", "10.1.1.1 db.test\n") + " {\n reload 1s\n fallthrough\n}");
  EXPECT_EQ(data("db.test"), "10.1.1.1");
  folder.replace("hosts", "10.1.1.2 db.test\n");
  EXPECT_TRUE(becomes("db.test", "10.1.1.2")) << log.text();
  std::filesystem::remove(folder.path("hosts"));
  EXPECT_TRUE(log.wait_for("no such file or directory; what is in force stays")) << log.text();
  EXPECT_EQ(data("db.test"), "10.1.1.2");
  folder.write("hosts", "10.1.1.3 db.test\n");
  EXPECT_TRUE(becomes("db.test", "10.1.1.3")) << log.text();
}

TEST_F(HostsFile, DoesNotHideNamesOfTheMesh) {
  serve("mesh " + folder.write("zone.yaml", shop_zone()) + "\nhosts " +
        folder.write("hosts", "10.1.1.1 v4.mesh\n") + " {\n fallthrough\n}");
  EXPECT_EQ(data("v4.mesh"), "240.0.0.30");
}

}  // namespace
}  // namespace meshdns::test
