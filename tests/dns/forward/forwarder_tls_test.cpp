// Upstreams over TLS: who is believed, and how connections are kept.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "dns/forward/forwarder.hpp"
#include "tests/dns/forward/forwarder_fixture.hpp"
#include "tests/support/tls_upstream.hpp"

namespace meshdns::forward {
namespace {

using support::answer;
using support::answer_after;
using support::make_reply;
using support::Reaction;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Tls : public ForwarderTest {
 protected:
  Tls() {
    std::string name = (std::filesystem::temp_directory_path() / "meshdns-tls-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    write("ca.pem", authority.pem());
  }
  ~Tls() override { std::filesystem::remove_all(folder_); }

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }

  ForwardOptions asking(const SocketAddress& server, std::string server_name = {}) const {
    return {.to = {TlsUpstream{.address = server, .server_name = std::move(server_name)}},
            .tls = {.ca = path("ca.pem")}};
  }
  void use_tls(ForwardOptions options) { use_block({.forward = {std::move(options)}}); }

  support::CertificateAuthority authority;

 private:
  std::filesystem::path folder_;
};

TEST_F(Tls, AsksAServerWhoseCertificateIsForTheName) {
  support::TlsUpstream server(answer, authority.issue("DNS:dns.example.org"));
  use_tls(asking(server.address(), "dns.example.org"));
  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_THAT(server.names(), ElementsAre("dns.example.org"));
}

TEST_F(Tls, TakesTheNameOfTheDirectiveWhereTheServerHasNone) {
  support::TlsUpstream server(answer, authority.issue("DNS:dns.example.org"));
  ForwardOptions options = asking(server.address());
  options.tls.server_name = "dns.example.org";
  use_tls(std::move(options));
  EXPECT_EQ(ask().answers(), 1U);
}

TEST_F(Tls, WithoutANameTheCertificateMustBeForTheAddress) {
  support::TlsUpstream server(answer, authority.issue("IP:127.0.0.1"));
  use_tls(asking(server.address()));
  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_THAT(server.names(), ElementsAre(""));
}

TEST_F(Tls, RefusesACertificateForAnotherName) {
  support::TlsUpstream server(answer, authority.issue("DNS:other.example.org"));
  for (const char* name : {"dns.example.org", ""}) {
    use_tls(asking(server.address(), name));
    const Asked asked = ask({.name = name});
    EXPECT_FALSE(asked.reply);
    EXPECT_THAT(asked.error, AllOf(HasSubstr("read tcp-tls 127.0.0.1:"), HasSubstr("certificate refused")));
  }
  EXPECT_THAT(server.seen(), IsEmpty()) << "it was told a question";
}

TEST_F(Tls, RefusesACertificateOfAnAuthorityThatIsNotTrusted) {
  const support::CertificateAuthority other;
  support::TlsUpstream server(answer, other.issue("DNS:dns.example.org"));
  ForwardOptions options = asking(server.address(), "dns.example.org");
  use_tls(options);
  EXPECT_THAT(ask().error, HasSubstr("certificate refused"));
  options.tls.ca.clear();  // the system's
  use_tls(std::move(options));
  EXPECT_THAT(ask({.name = "a"}).error, HasSubstr("certificate refused"));
  EXPECT_THAT(server.seen(), IsEmpty());
}

TEST_F(Tls, ShowsItsOwnCertificate) {
  support::TlsUpstream server(answer, authority.issue("DNS:dns.example.org"), authority.pem());
  ForwardOptions options = asking(server.address(), "dns.example.org");
  use_tls(options);
  EXPECT_FALSE(ask().reply);
  const support::Certificate own = authority.issue("DNS:client.example.org");
  options.tls.certificate = write("own.pem", own.pem);
  options.tls.key = write("own.key", own.key_pem);
  use_tls(std::move(options));
  EXPECT_EQ(ask({.name = "a"}).answers(), 1U);
}

TEST_F(Tls, KeepsTheConnection) {
  support::TlsUpstream server(answer, authority.issue("IP:127.0.0.1"));
  use_tls(asking(server.address()));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ask().answers(), 1U);
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST_F(Tls, OpensAConnectionForEachQuestionAtATime) {
  support::TlsUpstream server(answer_after(milliseconds(50)), authority.issue("IP:127.0.0.1"));
  use_tls(asking(server.address()));
  const auto one = submit({.name = "a"});
  const auto two = submit({.name = "b"});
  run_until([&] { return one->outcomes > 0 && two->outcomes > 0; });
  EXPECT_EQ(one->answers() + two->answers(), 2U);
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(Tls, ReplacesAConnectionThatTheServerClosed) {
  support::TlsUpstream server(answer, authority.issue("IP:127.0.0.1"));
  use_tls(asking(server.address()));
  EXPECT_EQ(ask().answers(), 1U);
  server.close_connections();
  const Asked asked = ask();
  EXPECT_EQ(asked.answers(), 1U) << asked.error;
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(Tls, BringsALargeReplyWhole) {
  support::TlsUpstream server(
      [](const SeenQuery& query) { return Reaction{.messages = {make_reply(query, 4000)}}; },
      authority.issue("IP:127.0.0.1"));
  use_tls(asking(server.address()));
  EXPECT_EQ(ask().answers(), 4000U);
}

TEST_F(Tls, IgnoresRepliesToOtherQuestions) {
  support::TlsUpstream server(
      [](const SeenQuery& query) {
        Bytes other_id = make_reply(query, 5);
        other_id[1] ^= 1;
        Bytes other_name = make_reply(query, 5);
        other_name[13] ^= 1;
        return Reaction{.messages = {other_id, other_name, Bytes{1}, make_reply(query, 1)}};
      },
      authority.issue("IP:127.0.0.1"));
  use_tls(asking(server.address()));
  EXPECT_EQ(ask().answers(), 1U);
  EXPECT_EQ(counters.upstream_mismatched.value(), 3U);
}

TEST_F(Tls, AsksTheNextServerWhenOneSpeaksNoTls) {
  ScriptedUpstream plain(answer);
  support::TlsUpstream server(answer, authority.issue("IP:127.0.0.1"));
  ForwardOptions options = asking(support::closed_port());
  options.to.push_back(TlsUpstream{.address = server.address(), .server_name = {}});
  use_tls(std::move(options));
  EXPECT_EQ(ask().answers(), 1U);
  use_tls(asking(plain.address()));
  const auto asked = submit({.name = "a"});
  pass(milliseconds(4400));
  EXPECT_EQ(asked->outcomes, 1);
  EXPECT_FALSE(asked->reply);
}

TEST_F(Tls, SaysWhichFileCannotBeRead) {
  ForwardOptions options = asking(support::closed_port());
  options.where = {.file = "Corefile", .line = 3};
  const auto fault = [&] {
    const auto plan = make_forward_plan({.blocks = {{.forward = {options}}}}, {});
    return plan ? "none" : plan.error().what;
  };
  options.tls.ca = path("missing.pem");
  EXPECT_THAT(fault(), HasSubstr("Corefile:3: tls: " + options.tls.ca + ": No such file"));
  options.tls = {.certificate = write("own.pem", authority.issue("DNS:a").pem),
                 .key = write("own.key", "text")};
  EXPECT_THAT(fault(), HasSubstr("Corefile:3: tls: " + options.tls.key));
}

}  // namespace
}  // namespace meshdns::forward
