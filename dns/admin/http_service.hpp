// HttpService: a small HTTP server on a thread of its own, for scrapes and probes. No scrape waits for DNS,
// and no DNS for a scrape.
//
// It takes small GET requests from a few connections at a time; what is half-sent, slow or too large
// is cut off, in time.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>

#include "dns/admin/health_probe.hpp"
#include "dns/admin/http_message.hpp"

namespace meshdns::admin {

struct HttpEndpoint {
  SocketAddress address;
  std::string path;
  HttpHandler handler;
  std::string on_failure;             // what a line about an address that cannot be had begins with
  bool is_health = false;             // asked by ourselves every second
  std::optional<HttpTlsOptions> tls;  // the same for all of an address; none: clear text
};

// Any thread may call.
class HttpService {
 public:
  static constexpr std::chrono::seconds kTimeout{5};
  static constexpr std::size_t kMaxHeader = 8192;
  static constexpr std::size_t kMaxConnections = 32;
  static constexpr int kTimeoutsInPieces = 12;  // for the whole of a response that is sent in pieces

  // `log` must outlive it. `timeout` is for the whole of a request, the whole of a response or of a piece of
  // it, and between two.
  explicit HttpService(LogSink& log, std::chrono::milliseconds timeout = kTimeout);
  ~HttpService();
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  // Serves exactly these from now on. Endpoints of one address share its socket; an address that stays keeps
  // its socket and its connections. One that cannot be had is one log line, and is tried again by the next
  // call.
  void serve(std::vector<HttpEndpoint> endpoints);

  // Ends the thread for good. Idempotent.
  void stop();

  // What is listened on, with the ports that the kernel picked: by address as it was asked for.
  std::map<SocketAddress, SocketAddress> listening() const;

  // How our own requests fared; none: there is nothing to ask. For handlers.
  std::optional<HealthStatus> health() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace meshdns::admin
