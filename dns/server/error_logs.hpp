// ErrorLogs: the error logs of all server blocks, and the clock that makes them write what they counted.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/server/error_log.hpp"
#include "dns/server/snapshot.hpp"

namespace meshdns::server {

// Any thread may call.
class ErrorLogs {
 public:
  using List = std::vector<std::shared_ptr<ErrorLog>>;  // by block; null: no `errors`

  // Counts are written on the thread of `control`. `log` must outlive it.
  ErrorLogs(boost::asio::io_context& control, LogSink& log) : log_(log), timer_(control) {}

  // Those of new options, not in force yet. Errors: InvalidConfig.
  Result<List> make(const ServerOptions& options) const;

  // What the old ones counted is written.
  void put_in_force(List logs);
  void attach_to(Snapshot& snapshot) const;

  void write_counts() const { write(in_force(), true); }

 private:
  static void write(const List& logs, bool everything);
  List in_force() const;
  void tick(List logs);

  LogSink& log_;
  mutable std::mutex mutex_;
  List logs_;
  boost::asio::steady_timer timer_;  // on the control thread
};

}  // namespace meshdns::server
