// HttpTls: what an HTTPS server shows to its clients and wants to see of them, by OpenSSL.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

namespace meshdns::admin {

// Whether the files can be used, without keeping anything. Errors: FileUnreadable, InvalidConfig.
Result<void> check_http_tls(const HttpTlsOptions& options);

class HttpTls {
 public:
  // `log` must outlive it. Errors: as those of check_http_tls().
  static Result<std::shared_ptr<HttpTls>> open(const HttpTlsOptions& options, LogSink& log);

  // For one more connection: of the files as they are now. If they cannot be used that is logged, once, and
  // the last good ones are.
  std::shared_ptr<boost::asio::ssl::context> context();

 private:
  HttpTls(const HttpTlsOptions& options, std::shared_ptr<boost::asio::ssl::context> first, LogSink& log);

  HttpTlsOptions options_;
  std::shared_ptr<boost::asio::ssl::context> last_good_;
  std::string known_fault_;
  LogSink& log_;
};

}  // namespace meshdns::admin
