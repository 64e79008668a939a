// What an upstream or a flood of clients can cost us.
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <span>

#include <dirent.h>
#include <gmock/gmock.h>
#include <malloc.h>
#include <sys/resource.h>

#include "dns/forward/forwarder.hpp"
#include "tests/dns/forward/forwarder_fixture.hpp"

namespace meshdns::forward {
namespace {

using support::answer;
using support::answer_after;
using support::closed_port;
using support::silence;

std::size_t open_fds() {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir("/proc/self/fd"), ::closedir);
  std::size_t count = 0;
  while (::readdir(dir.get()) != nullptr) {
    ++count;
  }
  return count;
}

std::size_t heap_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

class SmallTable : public ForwarderTest {
 protected:
  SmallTable() : ForwarderTest(3) {}
};

TEST_F(SmallTable, RejectsAtOnceWhatDoesNotFitAndStillJoins) {
  ScriptedUpstream upstream(answer_after(milliseconds(200)));
  use({upstream.address()});
  std::vector<std::shared_ptr<Asked>> fitting{submit({.name = "a"}), submit({.name = "b"}),
                                              submit({.name = "c"})};
  const auto rejected = submit({.name = "d"});
  EXPECT_EQ(rejected->outcomes, 1);
  EXPECT_FALSE(rejected->reply);
  EXPECT_EQ(counters.in_flight_rejected.value(), 1U);
  fitting.push_back(submit({.name = "a", .id = 7}));
  run_until([&] { return forwarder->in_flight() == 0; });
  for (const auto& asked : fitting) {
    EXPECT_EQ(asked->answers(), 1U);
  }
  EXPECT_EQ(ask({.name = "d"}).answers(), 1U);
}

TEST_F(SmallTable, AskersOfOneQuestionAreBoundedToo) {
  ScriptedUpstream upstream(answer_after(milliseconds(50)));
  use({upstream.address()});
  std::vector<std::shared_ptr<Asked>> askers;
  for (std::uint16_t id = 0; id < 100; ++id) {
    askers.push_back(submit({.id = id}));
  }
  EXPECT_EQ(counters.in_flight_rejected.value(), 100U - 12U);
  EXPECT_EQ(lines.size(), 1U) << "the log is not filled with it";
  run_until([&] { return forwarder->in_flight() == 0; });
  for (const auto& asked : askers) {
    EXPECT_EQ(asked->outcomes, 1);
  }
}

class Fairness : public ForwarderTest {
 protected:
  Fairness() : ForwarderTest(10) { use({upstream.address()}); }

  std::vector<std::shared_ptr<Asked>> flood(int count, std::string_view client) {
    std::vector<std::shared_ptr<Asked>> asked;
    for (int i = 0; i < count; ++i) {
      asked.push_back(submit({.name = "n" + std::to_string(next_++)}, client));
    }
    return asked;
  }
  static auto waiting(const std::vector<std::shared_ptr<Asked>>& asked) {
    return std::ranges::count_if(asked, [](const auto& one) { return one->outcomes == 0; });
  }

  ScriptedUpstream upstream{silence};

 private:
  int next_ = 0;
};

TEST_F(Fairness, AClientAloneMayFillTheTable) {
  EXPECT_EQ(waiting(flood(20, "192.0.2.1")), 10);
  EXPECT_EQ(counters.in_flight_displaced.value(), 0U);
}

TEST_F(Fairness, WhoFilledTheTableMakesRoomForOthersDownToHalf) {
  const auto greedy = flood(20, "192.0.2.1");
  const auto others = flood(3, "192.0.2.2");
  EXPECT_EQ(waiting(others), 3);
  EXPECT_EQ(waiting(greedy), 7);
  EXPECT_EQ(greedy[0]->outcomes, 1) << "the oldest one first";
  EXPECT_THAT(greedy[0]->error, ::testing::HasSubstr("displaced"));
  const auto more = flood(5, "192.0.2.3");
  EXPECT_EQ(waiting(more), 2);
  EXPECT_EQ(waiting(greedy), 5);
  EXPECT_EQ(counters.in_flight_displaced.value(), 5U);
  EXPECT_EQ(forwarder->in_flight(), 10U);
}

TEST_F(Fairness, NobodyGetsMoreThanHalfBesideOthers) {
  const auto first = flood(1, "192.0.2.1");
  const auto flooder = flood(20, "192.0.2.2");
  EXPECT_EQ(waiting(first), 1);
  EXPECT_EQ(waiting(flooder), 5);
  EXPECT_EQ(forwarder->in_flight(), 6U) << "there is room for others";
}

TEST_F(Fairness, OneNameAskedAgainAndAgainLeavesRoomForOthersToo) {
  submit({.name = "other"}, "192.0.2.1");
  for (std::uint16_t id = 0; id < 100; ++id) {
    submit({.name = "same", .id = id}, "192.0.2.2");
  }
  EXPECT_EQ(submit({.name = "same"}, "192.0.2.1")->outcomes, 0);
}

TEST_F(Fairness, PlacesComeBackWithTheAnswers) {
  flood(10, "192.0.2.1");
  pass(kDeadline);
  EXPECT_EQ(forwarder->in_flight(), 0U);
  EXPECT_EQ(waiting(flood(10, "192.0.2.2")), 10);
}

using Limits = ForwarderTest;

TEST_F(Limits, IdsAndPortsAreHardToGuess) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()});
  constexpr int kQueries = 200;
  for (int i = 0; i < kQueries; ++i) {
    ask();
  }
  std::set<std::uint16_t> ids;
  std::map<std::uint16_t, int> per_port;
  std::array<int, 16> ones{};
  for (const SeenQuery& query : upstream.seen()) {
    ids.insert(query.id());
    ++per_port[query.source_port];
    for (std::size_t bit = 0; bit < ones.size(); ++bit) {
      ones[bit] += query.id() >> bit & 1;
    }
  }
  EXPECT_GE(ids.size(), kQueries - 5U);
  for (const int count : ones) {
    EXPECT_NEAR(count, kQueries / 2, 45);  // more than six standard deviations
  }
  EXPECT_GE(per_port.size(), 16U);
  EXPECT_LE(per_port.size(), 64U);
  for (const auto& [port, count] : per_port) {
    EXPECT_LE(count, 60);
  }
}

TEST_F(Limits, ASocketTakesAHundredMessagesAtMost) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()});
  for (int i = 0; i < 3000; ++i) {
    ask();
  }
  std::map<std::uint16_t, int> per_port;
  for (const SeenQuery& query : upstream.seen()) {
    ++per_port[query.source_port];
  }
  EXPECT_GE(per_port.size(), 29U);
  const auto above = std::ranges::count_if(per_port, [](const auto& entry) { return entry.second > 100; });
  EXPECT_LE(above, 1) << "the kernel may give the same port twice, but hardly twice in a test";
}

TEST_F(Limits, ASocketIsUsedForTenSecondsAtMost) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()});
  const auto ports_of = [&](int queries) {
    const std::size_t before = upstream.seen().size();
    for (int i = 0; i < queries; ++i) {
      ask();
    }
    std::set<std::uint16_t> ports;
    const auto seen = upstream.seen();
    for (const SeenQuery& query : std::span(seen).subspan(before)) {
      ports.insert(query.source_port);
    }
    return ports;
  };
  const auto early = ports_of(100);
  pass(milliseconds(9'900));
  std::set<std::uint16_t> still = ports_of(50);
  std::erase_if(still, [&](std::uint16_t port) { return !early.contains(port); });
  EXPECT_GT(still.size(), 5U) << "they are used";
  pass(milliseconds(200));
  std::set<std::uint16_t> late = ports_of(100);
  std::erase_if(late, [&](std::uint16_t port) { return !early.contains(port); });
  EXPECT_LE(late.size(), 1U) << "the kernel may give the same port twice, but hardly twice in a test";
}

TEST_F(Limits, ABlackHoleCostsBoundedMemoryAndSockets) {
  ScriptedUpstream hole(silence);
  use({hole.address()});
  submit({.name = "warm.up"});
  pass(kDeadline);
  const std::size_t fds_before = open_fds();
  const std::size_t heap_before = heap_in_use();
  std::size_t rejected = 0;
  std::size_t failed = 0;
  std::size_t most_fds = 0;
  std::size_t most_heap = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = "n" + std::to_string(i) + ".example.com";
    const Bytes packet = support::make_query({.name = name});
    wire::QueryView query;
    ASSERT_EQ(wire::parse_query(packet, query), wire::QueryVerdict::Ok);
    forwarder->submit(0, query, {}, [&](const Outcome& outcome) {
      ++(outcome.error.starts_with("too many") ? rejected : failed);
    });
    if (i % 1000 == 0) {
      pass(milliseconds(100));
    }
    if (i % 20 == 0) {
      loop.restart();
      loop.poll();
      most_fds = std::max(most_fds, open_fds());
      most_heap = std::max(most_heap, heap_in_use());
    }
  }
  EXPECT_LE(forwarder->in_flight(), 4096U);
  EXPECT_GT(rejected, 10'000U);
  for (milliseconds passed{0}; passed < kDeadline; passed += milliseconds(100)) {
    pass(milliseconds(100));
    most_heap = std::max(most_heap, heap_in_use());
  }
  EXPECT_EQ(forwarder->in_flight(), 0U);
  EXPECT_EQ(rejected + failed, 20'000U);
  EXPECT_LE(most_fds, fds_before + 64);
  EXPECT_LE(most_heap - heap_before, 12U << 20);  // 4096 questions and 32 c-ares channels
  pass(milliseconds(12'000));
  EXPECT_LE(open_fds(), fds_before + 1) << "a probe's";
}

TEST_F(Limits, ADeadPortLeavesNoSocketsBehind) {
  use({closed_port()});
  const std::size_t before = open_fds();
  for (int i = 0; i < 2'000; ++i) {
    EXPECT_FALSE(ask({.name = "n" + std::to_string(i)}).reply);
    ASSERT_LE(open_fds(), before + 64);
  }
  pass(milliseconds(12'000));
  EXPECT_LE(open_fds(), before);
}

TEST_F(Limits, NoSocketToSpareFailsAtOnce) {
  ScriptedUpstream upstream(answer);
  use({upstream.address()});
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const Asked asked = ask();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_FALSE(asked.reply);
  EXPECT_EQ(ask({.name = "other.example.com"}).answers(), 1U);
}

}  // namespace
}  // namespace meshdns::forward
