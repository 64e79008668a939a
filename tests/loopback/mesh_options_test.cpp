// Options of `mesh` that change answers, seen from a client.
#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class MeshOptionsTest : public BlockTest {
 protected:
  void serve_mesh(const std::string& options) {
    serve("mesh " + folder.write("zone.yaml", shop_zone()) + " {\n" + options + "\n}");
  }
};

TEST_F(MeshOptionsTest, AnEmptyNonTerminalMayBeNxDomain) {
  serve_mesh("");
  EXPECT_EQ(data("wild.mesh"), "NOERROR");
  serve_mesh("ent nxdomain");
  for (const auto& reply :
       {ask_udp(address(), {.name = "wild.mesh"}), ask_tcp(address(), {.name = "wild.mesh"})}) {
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->rcode, "NXDOMAIN");
    EXPECT_TRUE(reply->aa);
    EXPECT_THAT(reply->authority, ElementsAre(StartsWith("mesh. 5 IN SOA ")));
  }
  EXPECT_EQ(data("a.wild.mesh"), "240.0.0.20");
  EXPECT_EQ(data("v4.mesh", "AAAA"), "NOERROR") << "it has records, of another type";
  EXPECT_THAT(upstream.questions(), IsEmpty());
}

}  // namespace
}  // namespace meshdns::test
