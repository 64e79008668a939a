#include "dns/forward/loop_guard.hpp"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace meshdns::forward
