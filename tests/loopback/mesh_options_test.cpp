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

TEST_F(MeshOptionsTest, SearchedNamesAreForwardedUnlessAskedFor) {
  serve_mesh("");
  EXPECT_TRUE(ask_udp(address(), {.name = "backend.mesh.example.com"}));
  EXPECT_THAT(upstream.questions(), ElementsAre("backend.mesh.example.com 1"));
}

TEST_F(MeshOptionsTest, SearchedNamesMayBeDeniedHere) {
  serve_mesh("search nxdomain example.com");
  for (const auto& reply : {ask_udp(address(), {.name = "backend.mesh.Example.com", .edns_size = 1232}),
                            ask_tcp(address(), {.name = "backend.mesh.Example.com", .type = "TXT"})}) {
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->rcode, "NXDOMAIN");
    EXPECT_THAT(reply->authority, ElementsAre(StartsWith("mesh.Example.com. 5 IN SOA ")));
  }
  EXPECT_EQ(data("backend.mesh"), "240.0.0.1");
  EXPECT_EQ(counters().mesh_nxdomain, 2U);
  EXPECT_THAT(upstream.questions(), IsEmpty());
  EXPECT_TRUE(ask_udp(address(), {.name = "www.example.com"}));
  EXPECT_TRUE(ask_udp(address(), {.name = "absent.mesh.example.com"}));
  EXPECT_THAT(upstream.questions(), ElementsAre("absent.mesh.example.com 1", "www.example.com 1"));
}

TEST_F(MeshOptionsTest, SearchedNamesMayLeadToTheMesh) {
  serve_mesh("search cname example.com");
  const auto reply = ask_udp(address(), {.name = "backend.mesh.example.com"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, ElementsAre("backend.mesh.example.com. 30 IN CNAME backend.mesh.",
                                         "backend.mesh. 30 IN A 240.0.0.1"));
  EXPECT_THAT(upstream.questions(), IsEmpty());
}

TEST_F(MeshOptionsTest, Dns64LeavesSearchedNamesAlone) {
  serve("dns64 {\nallow_ipv4\n}\nmesh " + folder.write("zone.yaml", shop_zone()) +
        " {\nsearch cname example.com\n}");
  const auto reply = ask_udp(address(), {.name = "v4.mesh.example.com", .type = "AAAA"});
  ASSERT_TRUE(reply);
  EXPECT_THAT(reply->answer, ElementsAre(StartsWith("v4.mesh.example.com. 30 IN CNAME ")));
  EXPECT_THAT(upstream.questions(), IsEmpty());
}

TEST_F(MeshOptionsTest, TheSearchListOfAFileIsFollowed) {
  const std::string path =
      folder.write("resolv.conf", "nameserver 127.0.0.1\nsearch svc.cluster.local example.com\n");
  serve_mesh("search cname " + path);
  EXPECT_EQ(data("v4.mesh.example.com"), "v4.mesh. 240.0.0.30");
  EXPECT_THAT(upstream.questions(), IsEmpty());
  EXPECT_TRUE(ask_udp(address(), {.name = "v4.mesh.svc.cluster.local"}));
  EXPECT_THAT(upstream.questions(), ElementsAre("v4.mesh.svc.cluster.local 1"));
  folder.replace("resolv.conf", "search example.net\n");
  EXPECT_TRUE(becomes("v4.mesh.example.net", "v4.mesh. 240.0.0.30"));
}

}  // namespace
}  // namespace meshdns::test
