#include "dns/inspect/request.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <meshdns/address.hpp>

#include "dns/inspect/zone_words.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::inspect {
namespace {

namespace json = boost::json;

constexpr std::size_t kShownOfBadText = 80;

std::unexpected<Error> fault(std::string_view key, std::string_view value, std::string_view why) {
  return fail(Errc::InvalidConfig,
              fmt::format("{}: '{}': {}", key, printable(value.substr(0, kShownOfBadText)), why));
}

admin::HttpResponse text_response(unsigned status, const Error& error) {
  return {.status = status, .body = error.what + "\n", .more = {}};
}

}  // namespace

Result<void> check_host(const admin::HttpRequest& request) {
  const std::string_view host = request.host;
  const bool is_localhost = std::ranges::equal(host.substr(0, host.rfind(':')), std::string_view("localhost"),
                                               {}, [](char c) { return static_cast<char>(c | 0x20); });
  if (host.empty() || is_localhost || SocketAddress::parse(host, 0)) {
    return {};
  }
  return fail(
      Errc::NotPermitted,
      fmt::format("you asked for the host '{}': only an address or localhost is answered, so that no web "
                  "page reaches this through a name of its own",
                  printable(host.substr(0, kShownOfBadText))));
}

Result<void> check_parameters(const admin::HttpRequest& request,
                              std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : request.query) {
    if (std::ranges::find(known, key) == known.end()) {
      return fail(Errc::InvalidConfig,
                  fmt::format("unknown parameter '{}', expected {}",
                              printable(std::string_view(key).substr(0, kShownOfBadText)),
                              known.size() == 0 ? "none" : fmt::format("{}", fmt::join(known, ", "))));
    }
  }
  return {};
}

Result<std::optional<DomainName>> optional_name(const admin::HttpRequest& request, const std::string& key) {
  const auto found = request.query.find(key);
  if (found == request.query.end()) {
    return std::nullopt;
  }
  auto name = DomainName::parse(found->second);
  if (!name) {
    return fault(key, found->second, name.error());
  }
  return std::optional(*std::move(name));
}

Result<DomainName> required_name(const admin::HttpRequest& request) {
  auto name = optional_name(request, "name");
  if (!name) {
    return std::unexpected(std::move(name.error()));
  }
  if (!*name) {
    return fail(Errc::InvalidConfig, fmt::format("{} needs a name: {}?name=www.example.org&type=AAAA",
                                                 request.path, request.path));
  }
  return **std::move(name);
}

Result<std::optional<std::uint16_t>> optional_type(const admin::HttpRequest& request) {
  const auto found = request.query.find("type");
  if (found == request.query.end()) {
    return std::nullopt;
  }
  const auto type = wire::type_from_text(found->second);
  if (!type) {
    return fault("type", found->second, "not a type, expected A, AAAA, SRV, ... or TYPE1234");
  }
  return type;
}

admin::HttpResponse bad_request(const Error& error) {
  return text_response(400, error);
}

admin::HttpResponse forbidden(const Error& error) {
  return text_response(403, error);
}

admin::HttpResponse unavailable(const Error& error) {
  return text_response(503, error);
}

admin::HttpResponse json_response(const json::value& value) {
  return {.content_type = "application/json", .body = json::serialize(value) + "\n", .more = {}};
}

std::int64_t seconds_since(std::chrono::system_clock::time_point then) {
  const auto age = std::chrono::system_clock::now() - then;
  return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(age).count());
}

std::string place_text(const OptionLocation& where) {
  return where.line == 0 ? where.file : fmt::format("{}:{}", where.file, where.line);
}

json::object upstream_json(const UpstreamStatus& upstream) {
  return {{"address", upstream.address.to_string()},
          {"directive", upstream.proxy_name},
          {"down", upstream.is_down},
          {"looping", upstream.is_looping},
          {"rttMicroseconds", upstream.rtt.count()},
          {"failures", upstream.failures},
          {"lastError", upstream.last_error}};
}

void add_zone_age(const BlockStatus& status, json::object& out) {
  out["loads"] = status.zone_reloads;
  out["loadFailures"] = status.zone_failures;
  out["lastError"] = status.last_zone_error;
  out["waitingFor"] = json::array(status.waiting_for.begin(), status.waiting_for.end());
  if (status.zone_since) {
    out["since"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                               fmt::gmtime(std::chrono::system_clock::to_time_t(*status.zone_since)));
    out["ageSeconds"] = seconds_since(*status.zone_since);
  }
}

}  // namespace meshdns::inspect
