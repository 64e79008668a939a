// Readiness: what /ready says, and why.
//
// Ready is a server that listens and has had every mesh zone once. When a zone does not come, it is ready
// nevertheless after a while: a host without mesh names is better than a host without DNS.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>
#include <meshdns/status.hpp>

#include "dns/admin/http_message.hpp"

namespace meshdns::admin {

class Readiness {
 public:
  using Clock = std::chrono::steady_clock;

  // `log` must outlive it.
  explicit Readiness(LogSink& log, Clock::time_point started = Clock::now()) : log_(log), started_(started) {}

  // From any thread. What was ready stays ready with new options.
  void use(bool continuously, std::chrono::milliseconds fail_open_after);
  void shut_down() { is_shutting_down_ = true; }

  // On one thread.
  HttpResponse respond(const Status& status, Clock::time_point now = Clock::now());

 private:
  LogSink& log_;
  Clock::time_point started_;
  std::atomic<bool> continuously_ = false;
  std::atomic<std::chrono::milliseconds> fail_open_after_;
  std::atomic<bool> is_shutting_down_ = false;
  bool was_ready_ = false;
  bool has_warned_ = false;
};

// What is still missing: `dns`, `mesh (unix:/run/kuma.sock)`.
std::vector<std::string> not_ready(const Status& status);

}  // namespace meshdns::admin
