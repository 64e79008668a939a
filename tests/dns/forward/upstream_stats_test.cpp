#include "dns/forward/upstream_stats.hpp"

#include <cerrno>

#include <gmock/gmock.h>

namespace meshdns::forward {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;
using ::testing::Key;

std::uint64_t count(const UpstreamStatus& status, UpstreamFault fault) {
  return status.faults[static_cast<std::size_t>(fault)];
}

TEST(UpstreamStats, CountsRepliesByCode) {
  UpstreamStats stats;
  stats.replied(0, std::chrono::milliseconds(3));
  stats.replied(0, std::chrono::milliseconds(30));
  stats.replied(3, std::chrono::milliseconds(3));
  stats.replied(4000, std::chrono::milliseconds(3));
  UpstreamStatus status;
  stats.add_to(status);
  stats.add_to(status);  // of another worker
  EXPECT_THAT(status.replies, ElementsAre(Key(0), Key(3), Key(10)));
  EXPECT_EQ(status.replies[0].total(), 4U);
  EXPECT_EQ(status.replies[0].sum, 66'000'000U);
}

TEST(UpstreamStats, TellsFaultsApart) {
  UpstreamStats stats;
  stats.failed(ECONNREFUSED);
  stats.failed(ENETUNREACH);
  stats.failed(ECONNRESET);
  stats.failed(UpstreamFault::Timeout);
  stats.failed(UpstreamFault::Mismatch);
  stats.failed(UpstreamFault::Truncated);
  UpstreamStatus status;
  stats.add_to(status);
  EXPECT_EQ(count(status, UpstreamFault::Refused), 1U);
  EXPECT_EQ(count(status, UpstreamFault::Unreachable), 1U);
  EXPECT_EQ(count(status, UpstreamFault::Broken), 1U);
  EXPECT_EQ(count(status, UpstreamFault::Timeout), 1U);
  EXPECT_EQ(status.failures, 4U) << "the others are no failures";
  EXPECT_EQ(status.last_error, "timeout");
}

TEST(UpstreamStats, SmoothesTheRoundTripTime) {
  UpstreamStats stats;
  UpstreamStatus status;
  stats.add_to(status);
  EXPECT_EQ(status.rtt, microseconds(0));
  stats.replied(0, microseconds(800));
  stats.replied(0, microseconds(1600));
  stats.add_to(status);
  EXPECT_EQ(status.rtt, microseconds(900));
}

TEST(UpstreamStats, CountsSocketsByProtocol) {
  UpstreamStats stats;
  stats.sent(Protocol::Udp, false);
  stats.sent(Protocol::Udp, true);
  stats.sent(Protocol::Tls, true);
  UpstreamStatus status;
  stats.add_to(status);
  EXPECT_EQ(status.sent, 3U);
  EXPECT_EQ(status.reuse[0].hits, 1U);
  EXPECT_EQ(status.reuse[0].misses, 1U);
  EXPECT_EQ(status.reuse[2].hits, 1U);
}

}  // namespace
}  // namespace meshdns::forward
