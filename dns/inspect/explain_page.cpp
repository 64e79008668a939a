// /explain: who would answer a query, and why, as `meshdns explain` says it, of what is in force now.
#include <algorithm>
#include <array>

#include <boost/json/array.hpp>

#include "dns/inspect/cached_json.hpp"
#include "dns/inspect/pages.hpp"
#include "dns/inspect/record_json.hpp"
#include "dns/inspect/request.hpp"
#include "dns/wire/message.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::inspect {
namespace {

namespace json = boost::json;

json::array texts_json(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

json::array addresses_json(const std::vector<SocketAddress>& addresses) {
  json::array array;
  for (const SocketAddress& address : addresses) {
    array.emplace_back(address.to_string());
  }
  return array;
}

// Null: it is not known, or told of otherwise.
json::value written_json(const Explanation& explanation) {
  if (explanation.sources.empty()) {
    return {};
  }
  json::array lines;
  for (const OptionLocation& source : explanation.sources) {
    lines.emplace_back(place_text(source));
  }
  json::object written{{"lines", std::move(lines)}};
  if (explanation.sources_read) {
    written["ageSeconds"] = seconds_since(*explanation.sources_read);
  }
  return written;
}

json::array rewrites_json(const std::vector<ExplainedRewrite>& rewrites) {
  json::array array;
  for (const ExplainedRewrite& rewrite : rewrites) {
    array.push_back(json::object{{"question", rewrite.question}, {"block", place_text(rewrite.block)}});
  }
  return array;
}

json::array upstreams_json(const Explanation& explanation, const Status& status) {
  json::array array;
  for (const SocketAddress& address : explanation.upstreams) {
    const auto known = std::ranges::find_if(status.upstreams, [&](const UpstreamStatus& upstream) {
      return upstream.address == address && upstream.proxy_name == explanation.directive;
    });
    array.push_back(known == status.upstreams.end() ? json::object{{"address", address.to_string()}}
                                                    : upstream_json(*known));
  }
  return array;
}

// What is told before an upstream is asked. A worker that does not answer leaves it out.
json::array cached_json_of(const Explanation& explanation, const Inspector& inspector) {
  json::array array;
  if (explanation.directive == "forward") {
    const auto kept = inspector.cached(explanation.asked, std::array{explanation.asked_type});
    for (const CachedReply& cached : kept ? *kept : std::vector<CachedReply>()) {
      if (cached.block == explanation.last_block) {
        array.push_back(cached_json(cached));
      }
    }
  }
  return array;
}

json::object query_json(const InspectedQuery& query, const Status& status, const Inspector& inspector) {
  const Explanation& explanation = query.explanation;
  json::array records;
  for (const ExplainedRecord& found : explanation.records) {
    records.push_back(record_json(*found.zone, *found.record));
  }
  json::object zone;
  if (query.status.has_mesh) {
    add_zone_age(query.status, zone);
  }
  return {{"askedAt", addresses_json(explanation.asked_at)},
          {"block", place_text(explanation.written)},
          {"rewrites", rewrites_json(explanation.rewrites)},
          {"answer", explanation.answer},
          {"directive", explanation.directive},
          {"alias", explanation.alias},
          {"records", std::move(records)},
          {"written", written_json(explanation)},
          {"zone", query.status.has_mesh ? json::value(std::move(zone)) : json::value()},
          {"forward", place_text(explanation.forward)},
          {"upstreams", upstreams_json(explanation, status)},
          {"cached", cached_json_of(explanation, inspector)},
          {"because", explanation.because},
          {"conflicts", texts_json(explanation.conflicts)},
          {"but", texts_json(explanation.but)}};
}

}  // namespace

admin::HttpResponse explain_page(const Inspector& inspector, const admin::HttpRequest& request) {
  if (const auto checked = check_parameters(request, {"name", "type"}); !checked) {
    return bad_request(checked.error());
  }
  const auto name = required_name(request);
  const auto type = optional_type(request);
  if (!name || !type) {
    return bad_request(name ? type.error() : name.error());
  }
  const std::uint16_t asked = type->value_or(wire::type::A);
  const auto explained = inspector.explain(*name, asked);
  if (!explained) {
    return unavailable(explained.error());
  }
  if (explained->queries.empty()) {
    return bad_request({Errc::InvalidConfig, "a query for this type cannot be asked"});
  }
  const Status status = inspector.status();
  json::array explanations;
  for (const InspectedQuery& query : explained->queries) {
    explanations.push_back(query_json(query, status, inspector));
  }
  return json_response(json::object{{"name", wire::name_text(name->wire())},
                                    {"type", wire::type_text(asked)},
                                    {"explanations", std::move(explanations)}});
}

}  // namespace meshdns::inspect
