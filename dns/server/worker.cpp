#include "dns/server/worker.hpp"

#include <utility>

#include <boost/asio/post.hpp>

namespace meshdns::server {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kIdleCheck{5};
const Router kNoRoutes;  // for connections of an address that is no longer served

}  // namespace

Worker::Worker(unsigned number, const ServerOptions& options, forward::LoopGuard& loops, LogSink& log,
               Retire retire)
    : work_(loop_.get_executor()),
      retire_(std::move(retire)),
      tcp_limits_{{options.tcp_max_queries_in_flight, options.tcp_idle_timeout,
                   options.tcp_first_message_timeout, options.tcp_write_timeout, options.tcp_max_queries},
                  options.tcp_max_connections},
      forwarder_(loop_, options.max_in_flight, loops, counters_, log),
      handler_(loop_, number, forwarder_, counters_, log),
      stop_timer_(loop_) {}

Worker::~Worker() {
  if (thread_.joinable()) {
    loop_.stop();
    thread_.join();
  }
}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

// What throws outside of a query has ended one event, and the loop goes on with the next.
void Worker::run() {
  while (true) {
    try {
      loop_.run();
      return;
    } catch (...) {
      handler_.internal_errors().report();
    }
  }
}

void Worker::apply(std::shared_ptr<const Snapshot> snapshot, std::vector<NewListener> listeners,
                   std::latch& applied) {
  asio::post(loop_,
             [this, snapshot = std::move(snapshot), listeners = std::move(listeners), &applied]() mutable {
               const std::unique_ptr<std::latch, decltype([](std::latch* done) { done->count_down(); })> done(
                   &applied);  // whatever is thrown: somebody waits for it
               apply_now(std::move(snapshot), std::move(listeners));
             });
}

void Worker::apply_now(std::shared_ptr<const Snapshot> snapshot, std::vector<NewListener> listeners) {
  std::erase_if(listeners_, [&](const auto& entry) {
    const auto& [address, listener] = entry;
    if (snapshot->routers.contains(address)) {
      return false;
    }
    listener.udp->finish();  // still from the old snapshot
    listener.tcp->use(kNoRoutes);
    listener.tcp->finish();
    return true;
  });
  for (NewListener& added : listeners) {
    auto udp = std::make_shared<UdpListener>(loop_, std::move(added.sockets.udp), added.actual, batch_,
                                             handler_, counters_);
    auto tcp = std::make_shared<TcpListener>(loop_, std::move(added.sockets.tcp), added.actual, tcp_limits_,
                                             tcp_connections_, handler_, counters_, tcp_scratch_.span());
    listeners_[added.configured] = {std::move(udp), std::move(tcp)};
  }
  auto old = std::exchange(snapshot_, std::move(snapshot));
  handler_.use(*snapshot_);
  if (!old || old->plan != snapshot_->plan) {
    forwarder_.use(snapshot_->plan);
  }
  for (auto& [address, listener] : listeners_) {
    const Router& router = snapshot_->routers.at(address);
    listener.udp->use(router);
    listener.tcp->use(router);
  }
  for (const NewListener& added : listeners) {
    const Listener& listener = listeners_.at(added.configured);
    listener.udp->start();
    listener.tcp->start();
  }
  handler_.resume_parked();
  if (old) {
    retire_(std::move(old));
  }
}

void Worker::stop(std::chrono::steady_clock::time_point deadline) {
  asio::post(loop_, [this, deadline] {
    for (auto& [address, listener] : listeners_) {
      listener.udp->finish();
      listener.tcp->finish();
    }
    handler_.give_up_parked();
    end_when_idle(deadline);
  });
}

void Worker::post(std::function<void()> task) {
  asio::post(loop_, std::move(task));
}

void Worker::end_when_idle(std::chrono::steady_clock::time_point deadline) {
  bool is_busy = forwarder_.in_flight() != 0;
  for (auto& [address, listener] : listeners_) {
    is_busy |= listener.tcp->has_connections();
  }
  if (!is_busy || std::chrono::steady_clock::now() >= deadline) {
    for (auto& [address, listener] : listeners_) {
      listener.tcp->close();
    }
    listeners_.clear();
    loop_.stop();
    return;
  }
  stop_timer_.expires_after(kIdleCheck);
  stop_timer_.async_wait([this, deadline](const boost::system::error_code&) { end_when_idle(deadline); });
}

void Worker::join() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

}  // namespace meshdns::server
