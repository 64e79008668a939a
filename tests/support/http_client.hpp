// HttpClient: a TCP connection to an HTTP server, for requests good and bad. Never waits longer than it is
// told.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <meshdns/address.hpp>

#include "dns/base/unique_fd.hpp"
#include "tests/support/dns_client.hpp"

namespace meshdns::test {

struct HttpAnswer {
  int status = 0;
  std::string head;  // with the status line
  std::string body;
};

class HttpClient {
 public:
  explicit HttpClient(const SocketAddress& server);

  bool is_connected() const { return fd_.is_open(); }
  bool send(std::string_view octets);
  std::optional<HttpAnswer> receive(std::chrono::milliseconds limit = kPatience);
  std::optional<HttpAnswer> get(std::string_view target);    // the connection stays open
  bool ends_within(std::chrono::milliseconds limit);         // the server closes
  const std::string& received() const { return received_; }  // and not taken by receive()

 private:
  std::optional<HttpAnswer> take_chunked(std::size_t head_size);
  bool read_some(std::chrono::steady_clock::time_point deadline);

  base::UniqueFd fd_;
  std::string received_;
};

// On a connection of its own; none: nobody listens, or no answer came.
std::optional<HttpAnswer> http_get(const SocketAddress& server, std::string_view target);

}  // namespace meshdns::test
