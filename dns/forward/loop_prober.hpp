// LoopProber: sends every upstream the questions by which LoopGuard finds out whether it leads back to us:
// when a plan comes into use, and then every 30 s.
#pragma once

#include <map>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "dns/forward/clock.hpp"
#include "dns/forward/live_plan.hpp"
#include "dns/forward/loop_guard.hpp"
#include "dns/forward/transport.hpp"

namespace meshdns::forward {

// Lives on its worker's event loop. The workers share the probes: each upstream gets one at a time.
class LoopProber {
 public:
  LoopProber(boost::asio::io_context& loop, Transport& transport, LoopGuard& loops)
      : transport_(transport), loops_(loops), timer_(loop) {}

  void use(std::shared_ptr<const LivePlan> plan);

  // A probe may be due earlier than it was.
  void wake() { run(); }

  // A query came back: the upstream that brought it is to be found soon.
  void hurry();

 private:
  void run();
  void probe(const LivePool& pool, const LiveUpstream& upstream, const std::string& token);

  Transport& transport_;
  LoopGuard& loops_;
  Timer timer_;
  std::shared_ptr<const LivePlan> plan_;
  std::map<const LoopState*, Exchange> probes_;                 // the last one to each
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // a handler may already be queued when we die
};

}  // namespace meshdns::forward
