// Alarms: the times at which questions of one worker want to be called, behind one timer of Asio.
//
// Nearly every alarm is called off before it is due, and nearly every new one is due after all others: in a
// tree that is entered from its end neither costs much, and the timer itself is hardly ever set. Not
// thread-safe.
#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/intrusive/set.hpp>

#include "dns/forward/clock.hpp"

namespace meshdns::forward {

class Alarms;

// Who is called. Not set at first; called off when it is destroyed.
class Alarm : public boost::intrusive::set_base_hook<> {
 public:
  explicit Alarm(Alarms& alarms) : alarms_(alarms) {}
  virtual ~Alarm() { call_off(); }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  void set(Clock::time_point due);  // instead of what was set before
  void call_off();
  bool is_set() const { return is_linked(); }

 private:
  friend Alarms;

  // Once, from the event loop, and is not set then. May set and destroy any alarm.
  virtual void on_time() = 0;

  Alarms& alarms_;
  Clock::time_point due_;
};

class Alarms {
 public:
  explicit Alarms(boost::asio::io_context& loop) : timer_(loop) {}

 private:
  friend Alarm;

  struct ByTime {
    bool operator()(const Alarm& a, const Alarm& b) const { return a.due_ < b.due_; }
  };

  void wake_at(Clock::time_point due);
  void ring();

  Timer timer_;
  bool is_waiting_ = false;  // until timer_.expiry(), which may be too early
  boost::intrusive::multiset<Alarm, boost::intrusive::compare<ByTime>> queue_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // a handler may already be queued when we die
};

}  // namespace meshdns::forward
