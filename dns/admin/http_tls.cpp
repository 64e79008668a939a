#include "dns/admin/http_tls.hpp"

#include <utility>

#include <fmt/format.h>
#include <openssl/ssl.h>

namespace meshdns::admin {
namespace {

namespace ssl = boost::asio::ssl;

std::unexpected<Error> fault(const std::string& path, const boost::system::error_code& failed) {
  return fail(Errc::FileUnreadable, fmt::format("tls: {}: {}", path, failed.message()));
}

Result<std::shared_ptr<ssl::context>> context_of(const HttpTlsOptions& options) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, options.only_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  context->set_options(SSL_OP_NO_TICKET);
  boost::system::error_code failed;
  if (context->use_certificate_chain_file(options.certificate, failed); failed) {
    return fault(options.certificate, failed);
  }
  if (context->use_private_key_file(options.key, ssl::context::pem, failed); failed) {
    return fault(options.key, failed);
  }
  if (options.client != ClientCertificate::NotAsked) {
    if (context->load_verify_file(options.client_ca, failed); failed) {
      return fault(options.client_ca, failed);
    }
    SSL_CTX_set_client_CA_list(native, SSL_load_client_CA_file(options.client_ca.c_str()));
    context->set_verify_mode(options.client == ClientCertificate::Required
                                 ? ssl::verify_peer | ssl::verify_fail_if_no_peer_cert
                                 : ssl::verify_peer);
  }
  return context;
}

}  // namespace

Result<void> check_http_tls(const HttpTlsOptions& options) {
  if (auto context = context_of(options); !context) {
    return std::unexpected(std::move(context.error()));
  }
  return {};
}

HttpTls::HttpTls(const HttpTlsOptions& options, std::shared_ptr<ssl::context> first, LogSink& log)
    : options_(options), last_good_(std::move(first)), log_(log) {}

Result<std::shared_ptr<HttpTls>> HttpTls::open(const HttpTlsOptions& options, LogSink& log) {
  auto context = context_of(options);
  if (!context) {
    return std::unexpected(std::move(context.error()));
  }
  return std::shared_ptr<HttpTls>(new HttpTls(options, *std::move(context), log));
}

std::shared_ptr<ssl::context> HttpTls::context() {
  if (auto context = context_of(options_)) {
    known_fault_.clear();
    last_good_ = *std::move(context);
  } else if (context.error().what != known_fault_) {
    known_fault_ = context.error().what;
    log_(LogLevel::Error, fmt::format("{}; the last good certificate stays in use", known_fault_));
  }
  return last_good_;
}

}  // namespace meshdns::admin
