// Prober: asks upstreams that are down whether they are back, in the background, with a question of its own.
#pragma once

#include <map>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "dns/forward/clock.hpp"
#include "dns/forward/live_plan.hpp"
#include "dns/forward/transport.hpp"

namespace meshdns::forward {

// Lives on its worker's event loop; sleeps while all upstreams are up.
class Prober {
 public:
  Prober(boost::asio::io_context& loop, Transport& transport) : transport_(transport), timer_(loop) {}

  void use(std::shared_ptr<const LivePlan> plan);

  // An upstream may be down since now.
  void wake();

 private:
  void run();
  void probe(const LivePool& pool, const LiveUpstream& upstream);

  Transport& transport_;
  Timer timer_;
  bool is_running_ = false;
  std::shared_ptr<const LivePlan> plan_;
  std::map<const UpstreamHealth*, Exchange> probes_;            // the last one to each
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // a handler may already be queued when we die
};

}  // namespace meshdns::forward
