// Directives between the query and the mesh zone or the upstreams, seen from a client.
#include <meshdns/corefile.hpp>

#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Plugins : public ServerTest {
 protected:
  // One block for every name on 127.0.0.1: the directives, and names that they leave go to `upstream`.
  void serve(const std::string& directives) {
    const std::string text =
        ".:0 {\nbind 127.0.0.1\n" + directives + "\nforward . " + upstream.address().to_string() + "\n}\n";
    auto corefile = parse_corefile(text, "Corefile");
    ASSERT_TRUE(corefile) << corefile.error().what;
    start(std::move(corefile->options));
  }

  support::ScriptedUpstream upstream{support::answer};
};

TEST_F(Plugins, AnyGetsAMinimalAnswerFromHere) {
  serve("any");
  const auto minimal = ask_udp(address(), {.name = "www.example.org", .type = "ANY"});
  ASSERT_TRUE(minimal);
  EXPECT_EQ(minimal->rcode, "NOERROR");
  EXPECT_FALSE(minimal->aa);
  EXPECT_THAT(minimal->answer,
              ElementsAre("www.example.org. 8482 IN HINFO \"ANY obsoleted\" \"See RFC 8482\""));
  EXPECT_THAT(upstream.questions(), IsEmpty());

  const auto forwarded = ask_tcp(address(), {.name = "www.example.org", .edns_size = 1232});
  ASSERT_TRUE(forwarded);
  EXPECT_EQ(forwarded->answer.size(), 1U) << "other types are asked as before";
  EXPECT_TRUE(forwarded->has_opt);
}

}  // namespace
}  // namespace meshdns::test
