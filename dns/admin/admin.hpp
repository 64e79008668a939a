// Admin: what operators and their tools are shown of a running server over HTTP: /metrics, /health, /ready.
#pragma once

#include <functional>
#include <map>

#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>
#include <meshdns/status.hpp>

#include "dns/admin/http_service.hpp"
#include "dns/admin/readiness.hpp"

namespace meshdns::admin {

// Any thread may call.
class Admin {
 public:
  // `status` is called on the HTTP thread; it must not wait for whoever calls serve() or stop().
  Admin(LogSink& log, std::function<Status()> status);

  // Offers what the blocks of these options ask for. It cannot fail: an address that cannot be had is a log
  // line, because DNS matters more.
  void serve(const ServerOptions& options);

  // From now on /ready says that this server is about to go.
  void shut_down() { readiness_.shut_down(); }
  void stop() { http_.stop(); }

  std::map<SocketAddress, SocketAddress> listening() const { return http_.listening(); }

 private:
  std::function<Status()> status_;
  Readiness readiness_;
  HttpService http_;
};

}  // namespace meshdns::admin
