#include "dns/server/remote_source.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include <fmt/format.h>
#include <sys/un.h>

namespace meshdns::server {
namespace {

constexpr std::string_view kUnix = "unix:";
constexpr std::string_view kHttp = "http://";
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

// What would end the line of a request or split it, and what has a meaning that is not supported.
bool has_bad_octet(std::string_view text, std::string_view more) {
  return std::ranges::any_of(
      text, [&](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || more.contains(c); });
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size() && port != 0;
}

}  // namespace

Result<RemoteSource> parse_remote_source(std::string_view path) {
  const auto fault = [&](std::string_view what) {
    return fail(Errc::InvalidConfig,
                fmt::format("{}: {}, expected unix:PATH or http://HOST[:PORT][/PATH]", path, what));
  };
  RemoteSource source;
  if (path.starts_with(kUnix)) {
    source.socket = path.substr(kUnix.size());
    if (source.socket.empty()) {
      return fault("no path of a socket");
    }
    if (source.socket.size() > kMaxSocketPath) {
      return fault(fmt::format("the path of a socket has at most {} octets", kMaxSocketPath));
    }
    return source;
  }
  std::string_view rest = path.substr(std::min(path.size(), kHttp.size()));
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    source.target = rest.substr(slash);
    rest = rest.substr(0, slash);
  }
  source.authority = rest;
  const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : std::string_view::npos;
  const std::size_t colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  source.host = rest.substr(0, colon);
  source.port = colon == std::string_view::npos ? "80" : rest.substr(colon + 1);
  if (bracket != std::string_view::npos) {
    if (source.host.size() != bracket + 1) {
      return fault("something between ']' and ':'");
    }
    source.host = source.host.substr(1, bracket - 1);
  }
  if (source.host.empty() || has_bad_octet(source.host, "@?#[]") || has_bad_octet(source.target, "#")) {
    return fault("not an address of a document");
  }
  if (!is_port(source.port)) {
    return fault(fmt::format("'{}' is no port", source.port));
  }
  return source;
}

}  // namespace meshdns::server
