// What a handler of the small HTTP server sees of a request, and what it says.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace meshdns::admin {

struct HttpRequest {
  std::string host;                          // as the client calls us; empty: it did not say
  std::string path;                          // without the query
  std::map<std::string, std::string> query;  // `?name=value&...`, decoded
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  // For a body that is too long to be held: appends the next piece of it, and says whether more is to come.
  // `body` is not sent then.
  std::function<bool(std::string& piece)> more;
};

// Called on the thread of the HTTP server, for which HttpService::serve() and stop() wait: it must not wait
// for whoever calls those.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

}  // namespace meshdns::admin
