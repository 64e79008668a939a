// /upstreams: how each one fares, over all workers.
#include <boost/json/array.hpp>

#include "dns/inspect/pages.hpp"
#include "dns/inspect/request.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::inspect {
namespace {

namespace json = boost::json;

json::object details_of(const UpstreamStatus& upstream) {
  json::object replies;
  for (const auto& [rcode, durations] : upstream.replies) {
    replies[wire::rcode_text(rcode)] = durations.total();
  }
  json::object faults;
  for (std::size_t i = 0; i < upstream.faults.size(); ++i) {
    if (upstream.faults[i] != 0) {
      faults[kUpstreamFaultNames[i]] = upstream.faults[i];
    }
  }
  json::object details = upstream_json(upstream);
  details["sent"] = upstream.sent;
  details["replies"] = std::move(replies);
  details["faults"] = std::move(faults);
  details["healthcheckFailures"] = upstream.healthcheck_failures;
  return details;
}

}  // namespace

admin::HttpResponse upstreams_page(const Inspector& inspector, const admin::HttpRequest& request) {
  if (const auto checked = check_parameters(request, {}); !checked) {
    return bad_request(checked.error());
  }
  const Status status = inspector.status();
  json::array upstreams;
  for (const UpstreamStatus& upstream : status.upstreams) {
    upstreams.push_back(details_of(upstream));
  }
  return json_response(json::object{{"upstreams", std::move(upstreams)},
                                    {"allDown", status.all_upstreams_down},
                                    {"maxConcurrentRejects", status.max_concurrent_rejects}});
}

}  // namespace meshdns::inspect
