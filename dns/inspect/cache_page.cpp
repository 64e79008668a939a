// /cache: what is kept of upstreams' replies for a name. Each worker has a cache of its own, so a name may be
// there several times, and differ.
#include <array>

#include <boost/json/array.hpp>

#include "dns/inspect/cached_json.hpp"
#include "dns/inspect/pages.hpp"
#include "dns/inspect/request.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::inspect {
namespace {

namespace json = boost::json;

// Looked for where no type is given: a cache finds questions, not names.
constexpr std::array<std::uint16_t, 12> kUsualTypes = {1, 2, 5, 6, 12, 15, 16, 28, 33, 43, 64, 65};

}  // namespace

admin::HttpResponse cache_page(const Inspector& inspector, const admin::HttpRequest& request) {
  if (const auto checked = check_parameters(request, {"name", "type"}); !checked) {
    return bad_request(checked.error());
  }
  const auto name = required_name(request);
  const auto type = optional_type(request);
  if (!name || !type) {
    return bad_request(name ? type.error() : name.error());
  }
  const auto found =
      *type ? inspector.cached(*name, std::array{**type}) : inspector.cached(*name, kUsualTypes);
  if (!found) {
    return unavailable(found.error());
  }
  json::array entries;
  for (const CachedReply& cached : *found) {
    entries.push_back(cached_json(cached));
  }
  return json_response(
      json::object{{"name", wire::name_text(name->wire())}, {"entries", std::move(entries)}});
}

}  // namespace meshdns::inspect
