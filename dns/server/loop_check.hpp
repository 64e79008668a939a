// LoopCheck: what `loop` asks for. A loop that is found soon after the start is a reason to end.
//
// Finding loops is LoopGuard's, all the time; here it is only known whether that matters to somebody.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include <meshdns/address.hpp>
#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>

#include "dns/forward/forward_plan.hpp"
#include "dns/server/listen_sockets.hpp"

namespace meshdns::server {

class LoopCheck {
 public:
  static constexpr std::chrono::seconds kTime{30};

  using Clock = std::chrono::steady_clock;
  using Tell = std::function<void(const std::string& why)>;

  // `tell` is called once; it may be empty, then there is a log line. `log` must outlive it.
  LoopCheck(LogSink& log, Tell tell) : log_(log), tell_(std::move(tell)) {}

  // Watches for kTime the upstreams of blocks with `loop`. One that is this server itself is a loop already.
  void begin(const ServerOptions& options, const forward::ForwardPlan& plan, const Listening& listening,
             Clock::time_point now = Clock::now());

  // This upstream leads back here. From any thread.
  void found(const SocketAddress& upstream, Clock::time_point now = Clock::now());

 private:
  void tell(const std::string& why);

  LogSink& log_;
  Tell tell_;
  std::mutex mutex_;
  std::optional<Clock::time_point> end_;  // none: not begun
  std::set<SocketAddress> early_;         // found before
  bool has_told_ = false;
  std::map<SocketAddress, std::string> why_;  // by upstream
};

}  // namespace meshdns::server
