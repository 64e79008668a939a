// The pages of `admin`, one file each: from a request to JSON. A fault of the request is 400 and says what is
// wrong; what cannot be said now is 503.
#pragma once

#include "dns/admin/http_message.hpp"
#include "dns/inspect/inspector.hpp"

namespace meshdns::inspect {

admin::HttpResponse zone_page(const Inspector& inspector, const admin::HttpRequest& request);
admin::HttpResponse upstreams_page(const Inspector& inspector, const admin::HttpRequest& request);
admin::HttpResponse in_flight_page(const Inspector& inspector, const admin::HttpRequest& request);
admin::HttpResponse cache_page(const Inspector& inspector, const admin::HttpRequest& request);
admin::HttpResponse explain_page(const Inspector& inspector, const admin::HttpRequest& request);

}  // namespace meshdns::inspect
