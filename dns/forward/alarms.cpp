#include "dns/forward/alarms.hpp"

namespace meshdns::forward {

void Alarm::set(Clock::time_point due) {
  if (is_set() && due == due_) {
    return;
  }
  call_off();
  due_ = due;
  alarms_.queue_.insert(alarms_.queue_.end(), *this);
  alarms_.wake_at(due);
}

void Alarm::call_off() {
  if (is_set()) {
    alarms_.queue_.erase(alarms_.queue_.iterator_to(*this));
  }
}

void Alarms::wake_at(Clock::time_point due) {
  if (is_waiting_ && timer_.expiry() <= due) {
    return;
  }
  is_waiting_ = true;
  timer_.expires_at(due);
  timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& cancelled) {
    if (!cancelled && !alive.expired()) {
      ring();
    }
  });
}

void Alarms::ring() {
  is_waiting_ = false;
  const auto now = Clock::now();
  while (!queue_.empty() && queue_.begin()->due_ <= now) {
    Alarm& alarm = *queue_.begin();
    alarm.call_off();
    alarm.on_time();
  }
  if (!queue_.empty()) {
    wake_at(queue_.begin()->due_);
  }
}

}  // namespace meshdns::forward
