#include "dns/server/snapshot.hpp"

#include <gtest/gtest.h>

namespace meshdns::server {
namespace {

DomainName name(std::string_view text) {
  return DomainName::parse(text).value();
}

TEST(Router, TakesTheLongestZoneWhateverTheOrder) {
  Router router;
  router.add(name("."), 0);
  router.add(name("a.b.test"), 1);
  router.add(name("test"), 2);
  router.add(name("b.test"), 3);
  EXPECT_EQ(router.block_of(name("x.a.b.test").wire()), 1U);
  EXPECT_EQ(router.block_of(name("a.b.test").wire()), 1U);
  EXPECT_EQ(router.block_of(name("x.b.test").wire()), 3U);
  EXPECT_EQ(router.block_of(name("test").wire()), 2U);
  EXPECT_EQ(router.block_of(name("com").wire()), 0U);
  EXPECT_EQ(router.block_of(name(".").wire()), 0U);
}

TEST(Router, MatchesWholeLabelsOnly) {
  Router router;
  router.add(name("b.test"), 0);
  EXPECT_EQ(router.block_of(name("ab.test").wire()), Router::kNoBlock);
  EXPECT_EQ(router.block_of(name("test").wire()), Router::kNoBlock);
  // "\001b" of the zone within a label of the name
  EXPECT_EQ(router.block_of(name("a\\001b.test").wire()), Router::kNoBlock);
}

TEST(Router, WithoutZonesTakesNothing) {
  EXPECT_EQ(Router().block_of(name("test").wire()), Router::kNoBlock);
}

TEST(Block, TakesTheFirstForwardThatMatchesAndDoesNotExcept) {
  Block block;
  block.forwards = {{name("corp.test"), {name("public.corp.test")}, 7},
                    {name("."), {name("secret.test")}, 8}};
  EXPECT_EQ(block.pool_of(name("www.corp.test").wire()), 7U);
  EXPECT_EQ(block.pool_of(name("www.public.corp.test").wire()), 8U);
  EXPECT_EQ(block.pool_of(name("com").wire()), 8U);
  EXPECT_EQ(block.pool_of(name("a.secret.test").wire()), Block::kNoPool);
}

TEST(Block, LogsANameWithTheFirstLogThatCoversIt) {
  Block block;
  EXPECT_EQ(block.log_of(name("test").wire()), nullptr);
  block.logs = {std::make_shared<const QueryLog>(LogOptions{.zones = {name("a.test"), name("example.org")}}),
                std::make_shared<const QueryLog>(LogOptions{.zones = {name("test")}})};
  EXPECT_EQ(block.log_of(name("www.a.test").wire()), block.logs[0]);
  EXPECT_EQ(block.log_of(name("b.test").wire()), block.logs[1]);
  EXPECT_EQ(block.log_of(name("example.org").wire()), block.logs[0]);
  EXPECT_EQ(block.log_of(name("org").wire()), nullptr);
}

TEST(Snapshot, HasARouterForEachAddressWithTheBlocksThatListenThere) {
  const SocketAddress one = SocketAddress::parse("127.0.0.1:53", 0).value();
  const SocketAddress two = SocketAddress::parse("[::1]:53", 0).value();
  ServerOptions options;
  options.blocks.resize(2);
  options.blocks[0] = {.zones = {name("a"), name("b")}, .listen = {one, two}};
  options.blocks[1] = {.zones = {name(".")}, .listen = {two}};
  options.blocks[1].forward.emplace_back().from = name("c");
  forward::ForwardPlan plan;
  plan.pools.resize(1);
  plan.first_pool_of_block = {0, 0};
  const auto snapshot = make_snapshot(options, AnswerTables(2), Chains(2),
                                      std::make_shared<const forward::ForwardPlan>(std::move(plan)));
  ASSERT_EQ(snapshot->routers.size(), 2U);
  EXPECT_EQ(snapshot->routers.at(one).block_of(name("x.b").wire()), 0U);
  EXPECT_EQ(snapshot->routers.at(one).block_of(name("c").wire()), Router::kNoBlock);
  EXPECT_EQ(snapshot->routers.at(two).block_of(name("c").wire()), 1U);
  EXPECT_EQ(snapshot->blocks[1].pool_of(name("x.c").wire()), 0U);
}

}  // namespace
}  // namespace meshdns::server
