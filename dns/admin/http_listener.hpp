// HttpListener: one listening socket of the HTTP server.
#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <meshdns/address.hpp>
#include <meshdns/result.hpp>

#include "dns/admin/http_session.hpp"

namespace meshdns::admin {

class HttpListener : public std::enable_shared_from_this<HttpListener> {
 public:
  // Errors: AddressInUse, NotPermitted, Unsupported (no such address family here), CannotListen.
  static Result<std::shared_ptr<HttpListener>> open(boost::asio::io_context& loop,
                                                    const SocketAddress& address,
                                                    std::shared_ptr<HttpLimits> limits);

  SocketAddress actual() const { return actual_; }

  // Where this host reaches it: for every address that is loopback.
  boost::asio::ip::tcp::endpoint reached_at() const;

  // On the loop's thread.
  void use(HttpRoutes routes, std::shared_ptr<HttpTls> tls) {  // without `tls`, in clear text
    *routes_ = std::move(routes);
    tls_ = std::move(tls);
  }
  void accept();
  void close();

 private:
  HttpListener(boost::asio::io_context& loop, std::shared_ptr<HttpLimits> limits);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  SocketAddress actual_;
  std::shared_ptr<HttpLimits> limits_;
  std::shared_ptr<HttpTls> tls_;
  std::shared_ptr<HttpRoutes> routes_ = std::make_shared<HttpRoutes>();
};

}  // namespace meshdns::admin
