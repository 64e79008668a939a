// `template`, seen from a client.
#include "tests/loopback/block_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Template : public BlockTest {};

TEST_F(Template, OfKumasEmptyPortDeniesEverythingOnBothTransports) {
  serve_text(".:0 {\nbind 127.0.0.1\ntemplate ANY ANY . {\n rcode NXDOMAIN\n}\n}\n");
  for (const char* type : {"A", "AAAA", "SRV", "ANY"}) {
    for (const auto& reply :
         {ask_udp(address(), {.name = "backend.mesh", .type = type}),
          ask_tcp(address(), {.name = "backend.mesh", .type = type, .edns_size = 1232})}) {
      ASSERT_TRUE(reply) << type;
      EXPECT_EQ(reply->rcode, "NXDOMAIN") << type;
      EXPECT_TRUE(reply->aa && reply->ra) << type;
      EXPECT_EQ(reply->authority.size(), 1U) << "clients can cache it";
    }
  }
}

TEST_F(Template, ComesAfterTheMeshAndBeforeTheUpstreams) {
  serve("mesh " + folder.write("zone.yaml", shop_zone()) +
        "\ntemplate ANY ANY . {\n match [.]mesh[.]$ [.]test[.]$ ^api[.]\n rcode NXDOMAIN\n fallthrough\n}");
  EXPECT_EQ(data("v4.mesh"), "240.0.0.30");
  EXPECT_EQ(data("a.test"), "NXDOMAIN");
  EXPECT_EQ(data("api.example.com"), "240.0.0.40");
  EXPECT_EQ(data("api.example.com", "TXT"), "NOERROR")
      << "the name exists in the mesh, whatever the template says of it";
  EXPECT_EQ(upstream.questions().size(), 0U);
  EXPECT_THAT(data("www.example.org"), HasSubstr("10."));
}

TEST_F(Template, CompletesACnameThroughTheServer) {
  serve("mesh " + folder.write("zone.yaml", shop_zone()) +
        "\ntemplate IN ANY near.test {\n answer \"{{ .Name }} 60 IN CNAME v4.mesh.\"\n}" +
        "\ntemplate IN ANY far.test {\n answer \"{{ .Name }} 60 IN CNAME www.example.org.\"\n}" +
        "\ntemplate IN ANY loop.test {\n answer \"{{ .Name }} 60 IN CNAME x{{ .Name }}\"\n}");
  const auto near = ask_udp(address(), {.name = "a.near.test", .edns_size = 1232});
  ASSERT_TRUE(near);
  EXPECT_THAT(near->answer, ElementsAre("a.near.test. 60 IN CNAME v4.mesh.", "v4.mesh. 30 IN A 240.0.0.30"));
  const auto none = ask_udp(address(), {.name = "a.near.test", .type = "AAAA"});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->answer.size(), 1U);
  EXPECT_EQ(none->authority.size(), 1U) << "of the target";
  const auto far = ask_tcp(address(), {.name = "a.far.test"});
  ASSERT_TRUE(far);
  EXPECT_EQ(far->answer.size(), 2U);
  EXPECT_THAT(upstream.questions(), ElementsAre("www.example.org 1"));
  EXPECT_TRUE(ask_udp(address(), {.name = "a.loop.test"})) << "ends";
}

TEST_F(Template, AFaultIsRefusedAndLeavesWhatIsInForce) {
  serve("template IN A test {\n answer \"{{ .Name }} 60 IN A 10.9.9.9\"\n}");
  auto bad = parse_corefile(".:0 {\nbind 127.0.0.1\ntemplate IN A test {\n answer \"{{ .Bogus }}\"\n}\n}\n",
                            "Corefile");
  ASSERT_TRUE(bad);
  const auto reloaded = server->reload(std::move(bad->options));
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().what, HasSubstr("plugin/template: Corefile:4 - Error during parsing: "));
  EXPECT_EQ(data("a.test"), "10.9.9.9");
}

}  // namespace
}  // namespace meshdns::test
