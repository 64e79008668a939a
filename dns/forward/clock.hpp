// Clock: the time by which this room waits and remembers: the steady clock's.
//
// A type of its own so that a test can link another now(), one that goes on only when it is told to.
#pragma once

#include <chrono>

#include <boost/asio/basic_waitable_timer.hpp>

namespace meshdns::forward {

struct Clock {
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;  // NOLINT(readability-identifier-naming): the standard's name

  static time_point now() noexcept;  // alone in its file
};

using Timer = boost::asio::basic_waitable_timer<Clock>;

}  // namespace meshdns::forward
