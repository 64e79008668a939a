// Inspection: the HTTP side of `admin`. It has a thread of its own, which neither scrapes nor probes share:
// only who asks here waits for a long answer.
#pragma once

#include <map>

#include <meshdns/address.hpp>
#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>

#include "dns/admin/http_service.hpp"
#include "dns/inspect/inspector.hpp"

namespace meshdns::inspect {

// Any thread may call.
class Inspection {
 public:
  // `log` and `inspector` must outlive it.
  Inspection(LogSink& log, const Inspector& inspector) : inspector_(inspector), http_(log) {}

  // Offers the pages where these options want them; without `admin` there is neither socket nor thread. It
  // cannot fail: an address that cannot be had is a log line.
  void serve(const ServerOptions& options);
  void stop() { http_.stop(); }

  std::map<SocketAddress, SocketAddress> listening() const { return http_.listening(); }

 private:
  const Inspector& inspector_;
  admin::HttpService http_;
};

}  // namespace meshdns::inspect
