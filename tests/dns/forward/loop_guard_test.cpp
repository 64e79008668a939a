#include "dns/forward/loop_guard.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <meshdns/domain_name.hpp>

namespace meshdns::forward {
namespace {

using Message = std::vector<std::uint8_t>;

const Message kMessage{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0, 0, 1, 0, 1};

class LoopGuardTest : public ::testing::Test {
 protected:
  std::unique_ptr<LoopGuard> guard = std::make_unique<LoopGuard>();
};

TEST_F(LoopGuardTest, KnowsAMessageWhileItIsInFlight) {
  EXPECT_FALSE(guard->is_own(kMessage));
  guard->sent(kMessage);
  EXPECT_TRUE(guard->is_own(kMessage));
  guard->finished(kMessage);
  EXPECT_FALSE(guard->is_own(kMessage));
}

TEST_F(LoopGuardTest, TellsOtherMessagesApart) {
  guard->sent(kMessage);
  for (std::size_t at = 0; at < kMessage.size(); ++at) {
    Message other = kMessage;
    other[at] ^= 1;
    EXPECT_FALSE(guard->is_own(other)) << "octet " << at;
  }
  EXPECT_FALSE(guard->is_own(Message{0x12, 0x34}));
  EXPECT_FALSE(guard->is_own({}));
}

TEST_F(LoopGuardTest, TheEndOfOneMessageLeavesAnotherWithTheSameId) {
  Message other = kMessage;
  other[13] = 'b';
  guard->sent(kMessage);
  guard->sent(other);
  guard->finished(kMessage);
  EXPECT_TRUE(guard->is_own(other));
}

// As it arrives.
std::vector<std::uint8_t> probe_name(const std::string& token) {
  const DomainName name = *DomainName::parse(token + "._meshdns-loop");
  return {name.wire().begin(), name.wire().end()};
}

class LoopProbes : public LoopGuardTest {
 protected:
  const SocketAddress address = *SocketAddress::parse("192.0.2.1", 53);
  std::shared_ptr<LoopState> state = guard->state_of(address);
  Clock::time_point now = Clock::time_point() + std::chrono::hours(1);
};

TEST_F(LoopProbes, AreSentEvery30SecondsForAllWorkersTogether) {
  EXPECT_TRUE(guard->take_probe(*state, now));
  const auto of_another_worker = guard->state_of(address);
  EXPECT_FALSE(guard->take_probe(*of_another_worker, now));
  EXPECT_FALSE(guard->take_probe(*state, now + std::chrono::milliseconds(29'999)));
  EXPECT_TRUE(guard->take_probe(*state, now + std::chrono::seconds(30)));
}

TEST_F(LoopProbes, ThatComeBackShowALoopUntilOneDoesNot) {
  const auto token = guard->take_probe(*state, now);
  ASSERT_TRUE(token);
  EXPECT_FALSE(state->is_looping());
  EXPECT_EQ(guard->take_back(probe_name(*token)), address);
  EXPECT_TRUE(state->is_looping());
  now += std::chrono::seconds(30);
  EXPECT_TRUE(guard->take_probe(*state, now));
  EXPECT_TRUE(state->is_looping()) << "the last one came back";
  EXPECT_FALSE(guard->take_probe(*state, now + std::chrono::milliseconds(1'999)));
  EXPECT_TRUE(guard->take_probe(*state, now + std::chrono::seconds(2)));
  EXPECT_FALSE(state->is_looping());
}

TEST_F(LoopProbes, AreNotTakenFromWhoGuesses) {
  const auto token = guard->take_probe(*state, now);
  std::string other = *token;
  other[0] = other[0] == '0' ? '1' : '0';
  for (const std::string& guess : {other, std::string(32, '0'), token->substr(1)}) {
    EXPECT_FALSE(guard->take_back(probe_name(guess))) << guess;
  }
  std::vector<std::uint8_t> elsewhere = probe_name(*token);
  elsewhere[34] ^= 1;
  EXPECT_FALSE(guard->take_back(elsewhere));
  EXPECT_FALSE(guard->take_back(std::vector<std::uint8_t>{0}));
  EXPECT_FALSE(state->is_looping());
}

TEST_F(LoopProbes, AreNeverTheSame) {
  const auto first = guard->take_probe(*state, now);
  const auto second = guard->take_probe(*state, now + std::chrono::seconds(30));
  EXPECT_NE(*first, *second);
  EXPECT_FALSE(guard->take_back(probe_name(*first))) << "only the last one counts";
}

TEST_F(LoopProbes, ComeSoonerAfterAQueryThatCameBack) {
  guard->take_probe(*state, now);
  guard->probe_soon(*state, now);
  EXPECT_TRUE(guard->take_probe(*state, now + std::chrono::seconds(2)));
}

}  // namespace
}  // namespace meshdns::forward
