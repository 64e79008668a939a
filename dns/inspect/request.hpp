// What requests may ask about, checked, and the shapes of what they get.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <meshdns/domain_name.hpp>
#include <meshdns/option_location.hpp>
#include <meshdns/result.hpp>
#include <meshdns/status.hpp>

#include "dns/admin/http_message.hpp"

namespace meshdns::inspect {

// A page of the web whose name an attacker's DNS turns into 127.0.0.1 ("DNS rebinding") may ask a browser to
// ask us; the name that the browser then believes to ask gives it away. An address, `localhost` or nothing is
// what others say.
Result<void> check_host(const admin::HttpRequest& request);

// An error is a text for whoever asked. `known`: the parameters that there are.
Result<void> check_parameters(const admin::HttpRequest& request,
                              std::initializer_list<std::string_view> known);
Result<std::optional<DomainName>> optional_name(const admin::HttpRequest& request, const std::string& key);
Result<DomainName> required_name(const admin::HttpRequest& request);
Result<std::optional<std::uint16_t>> optional_type(const admin::HttpRequest& request);

admin::HttpResponse bad_request(const Error& error);
admin::HttpResponse forbidden(const Error& error);
admin::HttpResponse unavailable(const Error& error);
admin::HttpResponse json_response(const boost::json::value& value);

// Parts of several pages.
std::int64_t seconds_since(std::chrono::system_clock::time_point then);
std::string place_text(const OptionLocation& where);  // "Corefile:3"; empty: not read from a file
boost::json::object upstream_json(const UpstreamStatus& upstream);

// How often the zone of a block was loaded, since when it is in force, what failed since then.
void add_zone_age(const BlockStatus& status, boost::json::object& out);

}  // namespace meshdns::inspect
