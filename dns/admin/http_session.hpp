// One connection of the HTTP server, from its first octet to its end.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "dns/admin/http_message.hpp"
#include "dns/admin/http_tls.hpp"

namespace meshdns::admin {

// Shared by all connections of a server.
struct HttpLimits {
  std::chrono::milliseconds timeout;
  std::size_t open_connections = 0;
};

using HttpRoutes = std::map<std::string, HttpHandler>;  // by path

// Serves the connection on the loop of its socket, as long as something of it is under way; over TLS, unless
// `tls` is null. `routes` is looked at again for every request. `limits` counts the connection while it
// lives.
void serve_connection(boost::asio::ip::tcp::socket socket, HttpTls* tls,
                      std::shared_ptr<const HttpRoutes> routes, std::shared_ptr<HttpLimits> limits);

}  // namespace meshdns::admin
