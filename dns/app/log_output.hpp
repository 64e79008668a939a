// LogOutput: standard output for a server that must not wait for whoever reads it.
//
// Lines go through a bounded queue to a thread of its own; when the reader is slow the oldest lines are
// dropped, when it is gone all are. Any thread may write.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include <meshdns/log_sink.hpp>

namespace meshdns::app {

class LogOutput {
 public:
  explicit LogOutput(LogLevel threshold);
  ~LogOutput();  // waits for the writing thread: call flush() first, and do not destroy if it fails
  LogOutput(const LogOutput&) = delete;
  LogOutput& operator=(const LogOutput&) = delete;

  void set_threshold(LogLevel threshold) { threshold_ = threshold; }
  void log(LogLevel level, std::string_view text);  // `[INFO] text`
  void print(std::string_view lines);               // as it is

  std::uint64_t dropped() const;  // lines that nobody read in time, or that nobody could read

  // Waits until all that was written so far has left; false if it has not within `limit`.
  bool flush(std::chrono::milliseconds limit);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
  std::atomic<LogLevel> threshold_;
};

}  // namespace meshdns::app
