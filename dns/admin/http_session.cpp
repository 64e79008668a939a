#include "dns/admin/http_session.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "dns/admin/http_service.hpp"

namespace meshdns::admin {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

using ClearStream = beast::tcp_stream;
using TlsStream = asio::ssl::stream<beast::tcp_stream>;

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned octet = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(&text[i + 1], &text[i + 1] + 2, octet, 16).ptr == &text[i + 1] + 2) {
      out += static_cast<char>(octet);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

HttpRequest request_of(std::string_view target, std::string_view host) {
  const std::size_t mark = target.find('?');
  HttpRequest request{.host = std::string(host), .path = std::string(target.substr(0, mark)), .query = {}};
  std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    request.query[decoded(pair.substr(0, equals))] =
        equals == std::string_view::npos ? "" : decoded(pair.substr(equals + 1));
  }
  return request;
}

bool is_fault_of_request(const beast::error_code& error) {
  return error.category() == make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

template <class Stream>
class HttpSession : public std::enable_shared_from_this<HttpSession<Stream>> {
 public:
  HttpSession(Stream stream, std::shared_ptr<const HttpRoutes> routes, std::shared_ptr<HttpLimits> limits)
      : stream_(std::move(stream)),
        routes_(std::move(routes)),
        limits_(std::move(limits)),
        buffer_(2 * HttpService::kMaxHeader) {
    ++limits_->open_connections;
  }
  ~HttpSession() { --limits_->open_connections; }
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  void start();

 private:
  using Response = http::response<http::string_body>;
  static constexpr bool kIsTls = std::is_same_v<Stream, TlsStream>;

  ClearStream& socket() { return beast::get_lowest_layer(stream_); }

  void read();
  void respond(const beast::error_code& error);
  Response response_to_request();
  void write_header();
  void write_piece();
  void write_end();
  void finish(const beast::error_code& error);
  void close();

  Stream stream_;
  std::shared_ptr<const HttpRoutes> routes_;
  std::shared_ptr<HttpLimits> limits_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;

  // Of a response in pieces.
  std::function<bool(std::string&)> more_;
  std::optional<http::response_serializer<http::string_body>> header_;
  std::string piece_;
  std::chrono::steady_clock::time_point last_moment_;
};

template <class Stream>
void HttpSession<Stream>::start() {
  if constexpr (kIsTls) {
    socket().expires_after(limits_->timeout);
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [self = this->shared_from_this()](const beast::error_code& failed) {
                              if (!failed) {
                                self->read();
                              }
                            });
  } else {
    read();
  }
}

template <class Stream>
void HttpSession<Stream>::read() {
  parser_.emplace();
  parser_->header_limit(HttpService::kMaxHeader);
  parser_->body_limit(0);
  socket().expires_after(limits_->timeout);
  http::async_read(stream_, buffer_, *parser_,
                   [self = this->shared_from_this()](const beast::error_code& error, std::size_t) {
                     self->respond(error);
                   });
}

template <class Stream>
void HttpSession<Stream>::respond(const beast::error_code& error) {
  if (error && !is_fault_of_request(error)) {
    return;  // gone, or too slow
  }
  more_ = nullptr;
  response_ = error ? Response(http::status::bad_request, 11) : response_to_request();
  response_.keep_alive(!error && parser_->keep_alive());
  socket().expires_after(limits_->timeout);
  if (more_) {
    write_header();
    return;
  }
  response_.prepare_payload();
  http::async_write(stream_, response_,
                    [self = this->shared_from_this()](const beast::error_code& failed, std::size_t) {
                      self->finish(failed);
                    });
}

// In chunks where the client knows what they are; else the end of the connection is the end of the body.
template <class Stream>
void HttpSession<Stream>::write_header() {
  const bool knows_chunks = response_.version() >= 11;
  response_.chunked(knows_chunks);
  response_.keep_alive(knows_chunks && response_.keep_alive());
  last_moment_ = std::chrono::steady_clock::now() + HttpService::kTimeoutsInPieces * limits_->timeout;
  header_.emplace(response_);
  http::async_write_header(stream_, *header_,
                           [self = this->shared_from_this()](const beast::error_code& failed, std::size_t) {
                             if (!failed) {
                               self->write_piece();
                             }
                           });
}

template <class Stream>
void HttpSession<Stream>::write_piece() {
  piece_.clear();
  bool goes_on = true;
  while (goes_on && piece_.empty()) {
    goes_on = more_(piece_);
  }
  if (piece_.empty()) {
    write_end();
    return;
  }
  socket().expires_at(std::min(last_moment_, std::chrono::steady_clock::now() + limits_->timeout));
  auto next = [self = this->shared_from_this(), goes_on](const beast::error_code& failed, std::size_t) {
    if (failed) {
      return;
    }
    if (goes_on) {
      self->write_piece();
    } else {
      self->write_end();
    }
  };
  if (response_.chunked()) {
    asio::async_write(stream_, http::make_chunk(asio::buffer(piece_)), std::move(next));
  } else {
    asio::async_write(stream_, asio::buffer(piece_), std::move(next));
  }
}

template <class Stream>
void HttpSession<Stream>::write_end() {
  more_ = nullptr;
  if (!response_.chunked()) {
    finish({});
    return;
  }
  asio::async_write(stream_, http::make_chunk_last(),
                    [self = this->shared_from_this()](const beast::error_code& failed, std::size_t) {
                      self->finish(failed);
                    });
}

template <class Stream>
void HttpSession<Stream>::finish(const beast::error_code& error) {
  if (!error && response_.keep_alive()) {
    read();
  } else {
    close();
  }
}

template <class Stream>
void HttpSession<Stream>::close() {
  if constexpr (kIsTls) {
    socket().expires_after(limits_->timeout);
    stream_.async_shutdown([self = this->shared_from_this()](const beast::error_code&) {});
  } else {
    beast::error_code ignored;
    socket().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }
}

template <class Stream>
typename HttpSession<Stream>::Response HttpSession<Stream>::response_to_request() {
  const auto& asked = parser_->get();
  Response response(http::status::ok, asked.version());
  const auto host = asked[http::field::host];
  const HttpRequest request =
      request_of({asked.target().data(), asked.target().size()}, {host.data(), host.size()});
  const auto route = routes_->find(request.path);
  if (route == routes_->end()) {
    response.result(http::status::not_found);
    response.body() = "404 page not found\n";
    return response;
  }
  if (asked.method() != http::verb::get) {
    response.result(http::status::method_not_allowed);
    response.set(http::field::allow, "GET");
    return response;
  }
  HttpResponse answer = route->second(request);
  response.result(answer.status);
  response.set(http::field::content_type, answer.content_type);
  response.body() = std::move(answer.body);
  more_ = std::move(answer.more);
  return response;
}

}  // namespace

void serve_connection(asio::ip::tcp::socket socket, HttpTls* tls, std::shared_ptr<const HttpRoutes> routes,
                      std::shared_ptr<HttpLimits> limits) {
  if (tls) {
    std::make_shared<HttpSession<TlsStream>>(TlsStream(ClearStream(std::move(socket)), *tls->context()),
                                             std::move(routes), std::move(limits))
        ->start();
  } else {
    std::make_shared<HttpSession<ClearStream>>(ClearStream(std::move(socket)), std::move(routes),
                                               std::move(limits))
        ->start();
  }
}

}  // namespace meshdns::admin
