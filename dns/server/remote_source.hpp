// RemoteSource: where a document is asked for that a `mesh` path names: `unix:PATH`,
// `http://HOST[:PORT][/PATH]`.
#pragma once

#include <string>
#include <string_view>

#include <meshdns/result.hpp>

namespace meshdns::server {

struct RemoteSource {
  std::string socket;  // path of a unix socket; empty: over TCP
  std::string host;    // name or address, without brackets
  std::string port;
  std::string authority = "localhost";  // of the header `Host`
  std::string target = "/dns";
};

// Errors: InvalidConfig.
Result<RemoteSource> parse_remote_source(std::string_view path);

}  // namespace meshdns::server
