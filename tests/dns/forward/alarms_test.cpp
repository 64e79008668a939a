#include "dns/forward/alarms.hpp"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

namespace meshdns::forward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Bell final : public Alarm {
 public:
  Bell(Alarms& alarms, std::function<void()> ring) : Alarm(alarms), ring_(std::move(ring)) {}

 private:
  void on_time() override { ring_(); }

  std::function<void()> ring_;
};

class AlarmsTest : public ::testing::Test {
 protected:
  // What is due already is called at once, and the test never waits for anything else.
  static Clock::time_point past(int hours) { return Clock::now() - std::chrono::hours(hours); }
  static Clock::time_point future() { return Clock::now() + std::chrono::hours(1); }
  std::function<void()> note(int bell) {
    return [this, bell] { rung.push_back(bell); };
  }
  void run() {
    loop.restart();
    loop.run_one_for(std::chrono::seconds(20));
    loop.poll();
  }

  boost::asio::io_context loop;
  std::optional<Alarms> alarms{std::in_place, loop};
  std::vector<int> rung;
};

TEST_F(AlarmsTest, AreCalledInTheOrderOfTheirTimes) {
  Bell late(*alarms, note(1));
  Bell early(*alarms, note(2));
  Bell middle(*alarms, note(3));
  late.set(past(1));
  early.set(past(3));
  middle.set(past(2));
  EXPECT_THAT(rung, IsEmpty()) << "never from inside set()";
  run();
  EXPECT_THAT(rung, ElementsAre(2, 3, 1));
  EXPECT_FALSE(late.is_set());
}

TEST_F(AlarmsTest, AnEarlierOneNeedNotWaitForALaterOne) {
  Bell late(*alarms, note(1));
  Bell early(*alarms, note(2));
  late.set(future());
  early.set(past(1));
  run();
  EXPECT_THAT(rung, ElementsAre(2));
  EXPECT_TRUE(late.is_set());
}

TEST_F(AlarmsTest, OneThatIsCalledOffOrDestroyedIsNotCalled) {
  Bell off(*alarms, note(1));
  std::optional<Bell> gone(std::in_place, *alarms, note(2));
  Bell stays(*alarms, note(3));
  off.set(past(3));
  gone->set(past(2));
  stays.set(past(1));
  off.call_off();
  gone.reset();
  run();
  EXPECT_THAT(rung, ElementsAre(3));
}

TEST_F(AlarmsTest, TheLastTimeSetCounts) {
  Bell bell(*alarms, note(1));
  bell.set(past(1));
  bell.set(future());
  Bell other(*alarms, note(2));
  other.set(past(1));
  run();
  EXPECT_THAT(rung, ElementsAre(2));
}

TEST_F(AlarmsTest, WhoIsCalledMaySetAndDestroyAlarms) {
  std::optional<Bell> victim(std::in_place, *alarms, note(1));
  Bell again(*alarms, note(2));
  Bell first(*alarms, [&] {
    victim.reset();
    again.set(past(1));
  });
  first.set(past(3));
  victim->set(past(2));
  run();
  EXPECT_THAT(rung, ElementsAre(2));
}

TEST_F(AlarmsTest, MayGoWhileItsTimerIsOnItsWay) {
  {
    Bell bell(*alarms, note(1));
    bell.set(past(1));
  }
  alarms.reset();
  run();
  EXPECT_THAT(rung, IsEmpty());
}

}  // namespace
}  // namespace meshdns::forward
