// HttpGet: asks for a document once, over HTTP/1.1. The only door to Boost.Beast.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "dns/server/remote_source.hpp"

namespace meshdns::server {

struct HttpReply {
  unsigned status = 0;
  std::string etag;  // as it was received
  std::string body;
};

struct HttpFailure {
  std::string what;
  bool is_absent = false;  // nobody listens there
};

using HttpOutcome = std::expected<HttpReply, HttpFailure>;

// Not thread-safe: lives on its event loop. Destroyed before the outcome is there, it reports none.
class HttpGet {
 public:
  using Done = std::function<void(HttpOutcome)>;

  static constexpr std::size_t kMaxBody = 128 << 20;  // 1,000,000 names have about 70 MB

  // `etag`, if not empty, is sent as If-None-Match, octet by octet. The whole exchange may take `limit`.
  // Redirects are not followed.
  HttpGet(boost::asio::io_context& loop, const RemoteSource& source, const std::string& etag,
          std::chrono::milliseconds limit, Done done);
  ~HttpGet();
  HttpGet(const HttpGet&) = delete;
  HttpGet& operator=(const HttpGet&) = delete;

 private:
  class Exchange;
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace meshdns::server
