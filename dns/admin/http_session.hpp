// HttpSession: one connection of the HTTP server, from its first octet to its end.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include "dns/admin/http_message.hpp"

namespace meshdns::admin {

// Shared by all connections of a server.
struct HttpLimits {
  std::chrono::milliseconds timeout;
  std::size_t open_connections = 0;
};

using HttpRoutes = std::map<std::string, HttpHandler>;  // by path

// Lives on the loop of its socket, as long as something of it is under way.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  // `routes` is looked at again for every request. `limits` counts this connection while it lives.
  HttpSession(boost::asio::ip::tcp::socket socket, std::shared_ptr<const HttpRoutes> routes,
              std::shared_ptr<HttpLimits> limits);
  ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  void read();

 private:
  using Response = boost::beast::http::response<boost::beast::http::string_body>;

  void respond(const boost::beast::error_code& error);
  Response response_to_request();
  void write_header();
  void write_piece();
  void write_end();
  void finish(const boost::beast::error_code& error);

  boost::beast::tcp_stream stream_;
  std::shared_ptr<const HttpRoutes> routes_;
  std::shared_ptr<HttpLimits> limits_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  Response response_;

  // Of a response in pieces.
  std::function<bool(std::string&)> more_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::string_body>> header_;
  std::string piece_;
  std::chrono::steady_clock::time_point last_moment_;
};

}  // namespace meshdns::admin
