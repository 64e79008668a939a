// ScriptedHttp: an HTTP server that says to each request what a test's script says, lies included.
//
// One request per connection. Runs its own thread, on which the script is called.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace meshdns::support {

// What is sent, octet by octet, before the connection is closed; none: nothing, and it stays open.
using HttpReaction = std::optional<std::string>;

class ScriptedHttp {
 public:
  // `request` is the head with its empty line.
  using Script = std::function<HttpReaction(const std::string& request)>;

  // Listens on a unix socket that is made at `socket`, or on a port of 127.0.0.1 that the kernel picks.
  ScriptedHttp(const std::string& socket, Script script);
  explicit ScriptedHttp(Script script);
  ~ScriptedHttp();  // removes the socket

  std::uint16_t port() const;
  std::vector<std::string> requests() const;  // in the order of arrival
  void follow(Script script);                 // from the next request on

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// 200 with this document; with an ETag if one is given.
std::string http_document(std::string_view body, std::string_view etag = {});
std::string http_status(std::string_view status_line, std::string_view more_header = {});

// Serves `body` as Envoy does: with its ETag, and 304 to who knows it.
ScriptedHttp::Script document_script(std::string body, std::string etag);

}  // namespace meshdns::support
