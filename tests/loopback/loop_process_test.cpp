// `loop`: the program ends when an upstream leads back to it.
#include <csignal>
#include <future>
#include <regex>

#include "tests/loopback/meshdns_process.hpp"
#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LoopDirective : public ::testing::Test {
 protected:
  LoopDirective() { relay.show_loop_probes(); }

  ~LoopDirective() override {
    if (!has_address_) {
      back_.set_value(relay.address());  // nobody waits for ever
    }
  }

  // Its port is told to the relay.
  void start(const std::string& directives) {
    folder.write("Corefile", ".:0 {\n    bind 127.0.0.1\n    " + directives + "\n}\n");
    process.emplace(folder.path("."), std::vector<std::string>{"-conf", "Corefile"});
    ASSERT_TRUE(process->prints("CoreDNS-")) << process->errors();
    std::smatch match;
    ASSERT_TRUE(std::regex_search(process->output(), match, std::regex(R"(\.:(\d+) on 127\.0\.0\.1\n)")));
    address = socket_address("127.0.0.1:" + match[1].str());
    has_address_ = true;
    back_.set_value(address);
  }

  std::string forward() const { return "forward . " + relay.address().to_string(); }

  TemporaryFolder folder;
  SocketAddress address;
  std::optional<MeshdnsProcess> process;

 private:
  bool has_address_ = false;
  std::promise<SocketAddress> back_;
  std::shared_future<SocketAddress> leads_to_ = back_.get_future();

 protected:
  // A forwarder that knows nothing of us: passes on each query with an id of its own.
  support::ScriptedUpstream relay{[this](const support::SeenQuery& query) {
    Octets passed_on = query.message;
    passed_on[0] ^= 0x55;
    UdpClient client(leads_to_.get());
    client.send(passed_on);
    auto reply = client.receive(milliseconds(1000));
    if (!reply) {
      return support::Reaction{};
    }
    (*reply)[0] ^= 0x55;
    return support::Reaction{.messages = {*reply}};
  }};
};

TEST_F(LoopDirective, EndsTheProcessInCoreDnssWords) {
  start("loop\n    " + forward());
  EXPECT_EQ(process->exit_code(), 1);
  EXPECT_THAT(
      process->output(),
      HasSubstr("[FATAL] plugin/loop: Loop (" + relay.address().to_string() + " -> " + address.to_string() +
                ") detected for zone \".\", see https://coredns.io/plugins/loop#troubleshooting\n"));
}

TEST_F(LoopDirective, MissingTheProcessStays) {
  start(forward());
  ASSERT_TRUE(process->prints("leads back to this server, it is not asked meanwhile"));
  EXPECT_EQ(ask_udp(address, {.name = "www.example.org"})->rcode, "SERVFAIL");
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0);
  EXPECT_THAT(process->output(), Not(HasSubstr("FATAL")));
}

TEST_F(LoopDirective, WithUpstreamsThatLeadElsewhereTheProcessStays) {
  support::ScriptedUpstream good(support::answer);
  good.show_loop_probes();
  start("loop\n    forward . " + good.address().to_string());
  ASSERT_TRUE(becomes_true([&] { return !good.seen().empty(); })) << "it was asked";
  EXPECT_EQ(ask_udp(address, {.name = "www.example.org"})->rcode, "NOERROR");
  process->signal(SIGTERM);
  EXPECT_EQ(process->exit_code(), 0);
}

}  // namespace
}  // namespace meshdns::test
