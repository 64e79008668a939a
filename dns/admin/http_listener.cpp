#include "dns/admin/http_listener.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <utility>

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "dns/admin/http_service.hpp"

namespace meshdns::admin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int kBacklog = 16;
constexpr std::chrono::milliseconds kRetryWait{100};

tcp::endpoint endpoint_of(const SocketAddress& address) {
  if (address.ip.is_v6) {
    return {asio::ip::address_v6(address.ip.octets, address.scope), address.port};
  }
  asio::ip::address_v4::bytes_type octets;
  std::copy_n(address.ip.octets.begin(), octets.size(), octets.begin());
  return {asio::ip::address_v4(octets), address.port};
}

Errc code_of(const boost::system::error_code& error, const SocketAddress& address) {
  if (error == asio::error::address_in_use) {
    return Errc::AddressInUse;
  }
  if (error == asio::error::access_denied) {
    return Errc::NotPermitted;
  }
  const bool no_such_loopback = error == boost::system::errc::address_not_available && address.ip.is_v6 &&
                                address.ip.is_loopback();  // where IPv6 is switched off
  return error == asio::error::address_family_not_supported || no_such_loopback ? Errc::Unsupported
                                                                                : Errc::CannotListen;
}

}  // namespace

HttpListener::HttpListener(asio::io_context& loop, std::shared_ptr<HttpLimits> limits)
    : acceptor_(loop), retry_(loop), limits_(std::move(limits)) {}

Result<std::shared_ptr<HttpListener>> HttpListener::open(asio::io_context& loop, const SocketAddress& address,
                                                         std::shared_ptr<HttpLimits> limits) {
  std::shared_ptr<HttpListener> listener(new HttpListener(loop, std::move(limits)));
  tcp::acceptor& acceptor = listener->acceptor_;
  const tcp::endpoint endpoint = endpoint_of(address);
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) {
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  }
  if (!error && address.ip.is_v6) {
    acceptor.set_option(asio::ip::v6_only(true), error);
  }
  if (!error) {
    acceptor.bind(endpoint, error);
  }
  if (!error) {
    acceptor.listen(kBacklog, error);
  }
  if (error) {
    std::string reason = error.message();
    reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
    return fail(code_of(error, address), fmt::format("listen tcp {}: bind: {}", address.to_string(), reason));
  }
  listener->actual_ = address;
  listener->actual_.port = acceptor.local_endpoint(error).port();
  return listener;
}

tcp::endpoint HttpListener::reached_at() const {
  tcp::endpoint endpoint = endpoint_of(actual_);
  if (!endpoint.address().is_unspecified()) {
    return endpoint;
  }
  return endpoint.address().is_v6() ? tcp::endpoint(asio::ip::address_v6::loopback(), endpoint.port())
                                    : tcp::endpoint(asio::ip::address_v4::loopback(), endpoint.port());
}

void HttpListener::accept() {
  acceptor_.async_accept(
      [self = shared_from_this()](const boost::system::error_code& error, tcp::socket socket) {
        if (!self->acceptor_.is_open()) {
          return;
        }
        if (error) {  // no descriptor is left, perhaps
          self->retry_.expires_after(kRetryWait);
          self->retry_.async_wait([self](const boost::system::error_code& cancelled) {
            if (!cancelled) {
              self->accept();
            }
          });
          return;
        }
        if (self->limits_->open_connections < HttpService::kMaxConnections) {
          serve_connection(std::move(socket), self->tls_.get(), self->routes_, self->limits_);
        }
        self->accept();
      });
}

void HttpListener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  routes_->clear();
}

}  // namespace meshdns::admin
