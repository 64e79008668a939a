// Worker: one thread, one event loop, its own sockets, buffers, upstream channels and counters. Workers share
// only the immutable snapshot.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>

#include "dns/base/counters.hpp"
#include "dns/forward/forwarder.hpp"
#include "dns/server/datagram_batch.hpp"
#include "dns/server/listen_sockets.hpp"
#include "dns/server/query_handler.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/server/tcp_listener.hpp"
#include "dns/server/udp_listener.hpp"
#include "dns/wire/message_buffer.hpp"

namespace meshdns::server {

struct NewListener {
  SocketAddress configured;
  SocketAddress actual;
  SocketPair sockets;
};

// All members may be called from any thread unless they say otherwise.
class Worker {
 public:
  // Old snapshots are handed to `retire`, so that freeing a large one costs another thread's time.
  using Retire = std::function<void(std::shared_ptr<const Snapshot>)>;

  // `number` counts from 0.
  Worker(unsigned number, const ServerOptions& options, forward::LoopGuard& loops, LogSink& log,
         Retire retire);
  ~Worker();

  void start();

  // From the next batch on: these listeners in addition, those that the snapshot does not know closed. Counts
  // `applied` down once no query is answered from the old snapshot any more.
  void apply(std::shared_ptr<const Snapshot> snapshot, std::vector<NewListener> listeners,
             std::latch& applied);

  // Answers what has arrived, waits for queries in flight until `deadline`, then ends the thread.
  void stop(std::chrono::steady_clock::time_point deadline);
  void join();

  // Runs `task` on the worker's thread, between two batches; never, if the thread has ended.
  void post(std::function<void()> task);

  // For such a task alone.
  const forward::Forwarder& forwarder() const { return forwarder_; }
  const QueryHandler& handler() const { return handler_; }

  const base::Counters& counters() const { return counters_; }
  std::size_t in_flight() const { return handler_.in_flight(); }
  void add_to(Status& status) const { forwarder_.add_to(status); }

 private:
  struct Listener {
    std::shared_ptr<UdpListener> udp;
    std::shared_ptr<TcpListener> tcp;
  };

  void run();
  void apply_now(std::shared_ptr<const Snapshot> snapshot, std::vector<NewListener> listeners);
  void end_when_idle(std::chrono::steady_clock::time_point deadline);

  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  base::Counters counters_;
  Retire retire_;
  TcpListenerLimits tcp_limits_;
  std::size_t tcp_connections_ = 0;
  DatagramBatch batch_;
  wire::MessageBuffer tcp_scratch_;
  forward::Forwarder forwarder_;
  QueryHandler handler_;
  boost::asio::steady_timer stop_timer_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::map<SocketAddress, Listener> listeners_;  // by configured address
  std::thread thread_;
};

}  // namespace meshdns::server
