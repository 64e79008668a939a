#include "dns/inspect/inspection.hpp"

#include <array>
#include <exception>
#include <utility>
#include <vector>

#include "dns/inspect/pages.hpp"
#include "dns/inspect/request.hpp"

namespace meshdns::inspect {
namespace {

using Page = admin::HttpResponse (*)(const Inspector&, const admin::HttpRequest&);

admin::HttpResponse respond(Page page, const Inspector& inspector, const admin::HttpRequest& request) {
  try {
    if (const auto may_ask = check_host(request); !may_ask) {
      return forbidden(may_ask.error());
    }
    return page(inspector, request);
  } catch (const std::exception& e) {
    return unavailable({Errc::Internal, e.what()});
  }
}

constexpr std::array<std::pair<const char*, Page>, 5> kPages = {{
    {"/zone", zone_page},
    {"/upstreams", upstreams_page},
    {"/inflight", in_flight_page},
    {"/cache", cache_page},
    {"/explain", explain_page},
}};

}  // namespace

void Inspection::serve(const ServerOptions& options) {
  std::vector<admin::HttpEndpoint> endpoints;
  for (const SocketAddress& address : options.admin ? options.admin->listen : std::vector<SocketAddress>()) {
    for (const auto& [path, page] : kPages) {
      endpoints.push_back(
          {.address = address,
           .path = path,
           .handler =
               [this, page](const admin::HttpRequest& request) { return respond(page, inspector_, request); },
           .on_failure = "plugin/admin: Failed to start admin handler"});
    }
  }
  http_.serve(std::move(endpoints));
}

}  // namespace meshdns::inspect
