#include "dns/admin/admin.hpp"

#include <utility>
#include <vector>

#include "dns/admin/metric_groups.hpp"

namespace meshdns::admin {

Admin::Admin(LogSink& log, std::function<Status()> status)
    : status_(std::move(status)), readiness_(log), http_(log) {}

void Admin::serve(const ServerOptions& options) {
  std::vector<HttpEndpoint> endpoints;
  const auto offer = [&](const std::vector<SocketAddress>& addresses, const HttpEndpoint& endpoint) {
    for (const SocketAddress& address : addresses) {
      endpoints.push_back(endpoint);
      endpoints.back().address = address;
    }
  };
  for (const BlockOptions& block : options.blocks) {
    if (block.prometheus) {
      offer(block.prometheus->listen, {.path = "/metrics",
                                       .handler =
                                           [this](const HttpRequest&) {
                                             return HttpResponse{
                                                 .content_type = std::string(kMetricsContentType),
                                                 .body = metrics_of(status_(), http_.health())};
                                           },
                                       .on_failure = "plugin/prometheus: Failed to start metrics handler",
                                       .tls = block.prometheus->tls});
    }
    if (block.health) {
      offer(block.health->listen, {.path = "/health",
                                   .handler = [](const HttpRequest&) { return HttpResponse{.body = "OK"}; },
                                   .on_failure = "plugin/health: Failed to start health handler",
                                   .is_health = true});
    }
    if (block.ready) {
      readiness_.use(block.ready->continuously, block.ready->fail_open_after);
      offer(block.ready->listen,
            {.path = "/ready",
             .handler = [this](const HttpRequest&) { return readiness_.respond(status_()); },
             .on_failure = "plugin/ready: Failed to start readiness handler"});
    }
  }
  http_.serve(std::move(endpoints));
}

}  // namespace meshdns::admin
