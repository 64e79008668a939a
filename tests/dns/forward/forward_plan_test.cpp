#include "dns/forward/forward_plan.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

namespace meshdns::forward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SocketAddress at(std::string_view text) {
  return *SocketAddress::parse(text, 53);
}

ServerOptions forwarding_to(std::vector<UpstreamSource> to) {
  ServerOptions options;
  ForwardOptions forward;
  forward.to = std::move(to);
  forward.where = {.file = "Corefile", .line = 3};
  options.blocks.emplace_back().forward.push_back(std::move(forward));
  return options;
}

std::vector<SocketAddress> addresses(const Pool& pool) {
  std::vector<SocketAddress> addresses;
  for (const Upstream& upstream : pool.upstreams) {
    addresses.push_back(upstream.address);
  }
  return addresses;
}

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    const int fd = ::mkstemp(path_.data());
    ::close(fd);
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_ = ::testing::TempDir() + "resolv.XXXXXX";
};

TEST(ForwardPlan, HasOnePoolPerDirectiveOfEveryBlock) {
  ServerOptions options = forwarding_to({at("10.0.0.1")});
  options.blocks[0].forward.push_back({.from = {}, .to = {at("10.0.0.2:5353")}});
  options.blocks.emplace_back();
  options.blocks.push_back(options.blocks[0]);
  const auto plan = make_forward_plan(options, {});
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->pools.size(), 4U);
  EXPECT_EQ(plan->pool_of(0, 1), 1U);
  EXPECT_EQ(plan->pool_of(2, 0), 2U);
  EXPECT_THAT(addresses(plan->pools[plan->pool_of(2, 1)]), ElementsAre(at("10.0.0.2:5353")));
  EXPECT_THAT(plan->warnings, IsEmpty());
}

TEST(ForwardPlan, PutsTheServersOfAFileWhereItIsNamed) {
  const TemporaryFile file("nameserver 10.0.0.2\nnameserver 10.0.0.3\n");
  const auto plan =
      make_forward_plan(forwarding_to({at("10.0.0.1"), ResolvConf{file.path()}, at("10.0.0.4")}), {});
  ASSERT_TRUE(plan);
  EXPECT_THAT(addresses(plan->pools[0]),
              ElementsAre(at("10.0.0.1"), at("10.0.0.2"), at("10.0.0.3"), at("10.0.0.4")));
}

TEST(ForwardPlan, FollowsTheOptionsOfAFile) {
  const TemporaryFile file(
      "options rotate use-vc trust-ad\nnameserver 10.0.0.2\noptions timeout:1 attempts:3\n");
  const auto plan = make_forward_plan(forwarding_to({at("10.0.0.1"), ResolvConf{file.path()}}), {});
  ASSERT_TRUE(plan);
  const Pool& pool = plan->pools[0];
  EXPECT_EQ(pool.options.policy, ForwardPolicy::RoundRobin);
  EXPECT_EQ(pool.max_rounds, 3U);
  EXPECT_EQ(pool.patience, std::chrono::seconds(1));
  ASSERT_EQ(pool.upstreams.size(), 2U);
  EXPECT_FALSE(pool.upstreams[0].over_tcp || pool.upstreams[0].trusts_ad) << "10.0.0.1 is not in the file";
  EXPECT_TRUE(pool.upstreams[1].over_tcp && pool.upstreams[1].trusts_ad);
}

TEST(ForwardPlan, WhatADirectiveSaysComesBeforeItsFile) {
  const TemporaryFile file("nameserver 10.0.0.2\noptions rotate use-vc attempts:3\n");
  ServerOptions options = forwarding_to({ResolvConf{file.path()}});
  ForwardOptions& forward = options.blocks[0].forward[0];
  forward.policy = ForwardPolicy::Sequential;
  forward.prefer_udp = true;
  forward.max_attempts = 0;
  const auto plan = make_forward_plan(options, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->pools[0].options.policy, ForwardPolicy::Sequential);
  EXPECT_EQ(plan->pools[0].max_rounds, 0U);
  EXPECT_FALSE(plan->pools[0].upstreams[0].over_tcp);
}

TEST(ForwardPlan, UpstreamsOfOneRateShareABucketFromPlanToPlan) {
  ServerOptions options = forwarding_to({at("10.0.0.1"), at("10.0.0.2")});
  options.blocks[0].forward[0].max_rate = {.per_second = 5, .burst = 5};
  options.blocks.push_back(options.blocks[0]);
  options.blocks.push_back(options.blocks[0]);
  options.blocks[2].forward[0].max_rate.burst = 6;
  const auto plan = make_forward_plan(options, {});
  ASSERT_TRUE(plan);
  const auto bucket = [](const ForwardPlan& of, std::size_t pool, std::size_t upstream) {
    return of.pools[pool].upstreams[upstream].bucket.get();
  };
  EXPECT_EQ(bucket(*plan, 0, 0), bucket(*plan, 1, 0));
  EXPECT_NE(bucket(*plan, 0, 0), bucket(*plan, 0, 1));
  EXPECT_NE(bucket(*plan, 0, 0), bucket(*plan, 2, 0));
  options.blocks.pop_back();
  const auto after = make_forward_plan(options, {}, &*plan);
  ASSERT_TRUE(after);
  EXPECT_EQ(bucket(*plan, 0, 0), bucket(*after, 0, 0));
  EXPECT_EQ(after->buckets.size(), 2U) << "that of a rate which nobody asks for any more is gone";
}

TEST(ForwardPlan, FailsWithoutAnyNameServerInAFile) {
  const TemporaryFile file("search example.com\n");
  const auto plan = make_forward_plan(forwarding_to({ResolvConf{file.path()}}), {});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Errc::InvalidConfig);
  EXPECT_THAT(plan.error().what, HasSubstr(file.path()));
}

TEST(ForwardPlan, FailsWhenAFileCannotBeRead) {
  for (const std::string path : {"/nonexistent/resolv.conf", "/"}) {
    const auto plan = make_forward_plan(forwarding_to({ResolvConf{path}}), {});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().code, Errc::FileUnreadable);
    EXPECT_THAT(plan.error().what, HasSubstr(path + ": "));
  }
}

struct Own {
  std::string_view upstream;
  std::string_view listening;
  bool is_own;
};

void PrintTo(const Own& own, std::ostream* out) {
  *out << own.upstream << " on " << own.listening;
}

class OwnAddress : public ::testing::TestWithParam<Own> {};

TEST_P(OwnAddress, IsSkipped) {
  const std::vector<SocketAddress> listening{at(GetParam().listening)};
  const auto plan = make_forward_plan(forwarding_to({at(GetParam().upstream), at("192.0.2.1")}), listening);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->pools[0].upstreams.size(), GetParam().is_own ? 1U : 2U);
  EXPECT_EQ(plan->warnings.size(), GetParam().is_own ? 1U : 0U);
}

INSTANTIATE_TEST_SUITE_P(
    ForwardPlan, OwnAddress,
    ::testing::Values(Own{"127.0.0.1:15053", "127.0.0.1:15053", true},
                      Own{"127.0.0.1:53", "127.0.0.1:15053", false},
                      Own{"127.0.0.2:53", "127.0.0.1:53", false}, Own{"127.0.0.1", "0.0.0.0:53", true},
                      Own{"127.0.0.53", "0.0.0.0:53", true}, Own{"0.0.0.0", "127.0.0.1:53", true},
                      Own{"0.0.0.0", "0.0.0.0:53", true}, Own{"192.0.2.77", "0.0.0.0:53", false},
                      Own{"[::1]:53", "[::]:53", true}, Own{"[::1]:53", "[::1]:53", true},
                      Own{"[::1]:53", "0.0.0.0:53", false}, Own{"[2001:db8::1]:53", "[::]:53", false},
                      Own{"[fe80::1%lo]:53", "[fe80::1]:53", true}));

TEST(ForwardPlan, APoolThatWasAllOurOwnStaysEmptyWithAWarning) {
  const std::vector<SocketAddress> listening{at("127.0.0.1:53")};
  const auto plan = make_forward_plan(forwarding_to({at("127.0.0.1")}), listening);
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->pools.size(), 1U);
  EXPECT_THAT(plan->pools[0].upstreams, IsEmpty());
  EXPECT_THAT(plan->warnings, ElementsAre(HasSubstr("Corefile:3: upstream 127.0.0.1:53 skipped"),
                                          HasSubstr("Corefile:3: no upstream left for '.'")));
}

}  // namespace
}  // namespace meshdns::forward
