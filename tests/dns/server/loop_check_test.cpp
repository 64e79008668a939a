#include "dns/server/loop_check.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

SocketAddress address(std::string_view text) {
  return SocketAddress::parse(text, 53).value();
}

class LoopCheckTest : public testing::Test {
 protected:
  LoopCheckTest() {
    for (const char* upstream : {"192.0.2.1", "192.0.2.2"}) {
      BlockOptions& block = options.blocks.emplace_back();
      block.zones = {DomainName::parse("example.org").value()};
      block.listen = {here};
      block.forward.emplace_back().to = {address(upstream)};
    }
    options.blocks[0].loop = true;
  }

  void begin() {
    const std::vector<SocketAddress> actual{here};
    plan = forward::make_forward_plan(options, actual).value();
    check.begin(options, plan, {{here, here}}, now);
  }

  const SocketAddress here = address("127.0.0.1:5353");
  LoopCheck::Clock::time_point now{1h};
  ServerOptions options;
  forward::ForwardPlan plan;
  LogSink log = [](LogLevel, std::string_view) {};
  std::vector<std::string> told;
  LoopCheck check{log, [this](const std::string& why) { told.push_back(why); }};
};

TEST_F(LoopCheckTest, TellsOnceWhichUpstreamLeadsWhere) {
  begin();
  check.found(address("192.0.2.1"), now + 29s);
  check.found(address("192.0.2.1"), now + 29s);
  EXPECT_THAT(told, ElementsAre("plugin/loop: Loop (192.0.2.1:53 -> 127.0.0.1:5353) detected for zone "
                                "\"example.org.\", see https://coredns.io/plugins/loop#troubleshooting"));
}

TEST_F(LoopCheckTest, RemembersWhatWasFoundBeforeItBegan) {
  check.found(address("192.0.2.1"), now);
  check.found(address("192.0.2.2"), now);
  EXPECT_THAT(told, IsEmpty());
  begin();
  EXPECT_THAT(told, ElementsAre(testing::HasSubstr("Loop (192.0.2.1:53 -> ")));
}

TEST_F(LoopCheckTest, IsAboutTheStartOnly) {
  begin();
  check.found(address("192.0.2.1"), now + 31s);
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(LoopCheckTest, IsAboutBlocksWithTheDirectiveOnly) {
  begin();
  check.found(address("192.0.2.2"), now);
  check.found(address("192.0.2.3"), now);
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(LoopCheckTest, AnUpstreamThatIsThisServerIsALoop) {
  options.blocks[0].forward[0].to = {here, address("192.0.2.1")};
  begin();
  EXPECT_THAT(told, ElementsAre(testing::HasSubstr("Loop (127.0.0.1:5353 -> 127.0.0.1:5353) detected")));
}

TEST_F(LoopCheckTest, WithNobodyToTellThereIsALine) {
  std::vector<std::string> lines;
  LogSink sink = [&](LogLevel, std::string_view text) { lines.emplace_back(text); };
  LoopCheck silent(sink, {});
  begin();
  silent.begin(options, plan, {{here, here}}, now);
  silent.found(address("192.0.2.1"), now);
  EXPECT_THAT(lines, ElementsAre(testing::HasSubstr("plugin/loop: Loop (")));
}

}  // namespace
}  // namespace meshdns::server
