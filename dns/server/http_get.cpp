#include "dns/server/http_get.hpp"

#include <utility>
#include <vector>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

namespace meshdns::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Stream = asio::generic::stream_protocol;

constexpr unsigned kHttp11 = 11;
constexpr std::uint32_t kMaxHeader = 64 * 1024;

bool is_absence(const boost::system::error_code& error) {
  return error == asio::error::connection_refused || error == boost::system::errc::no_such_file_or_directory;
}

}  // namespace

class HttpGet::Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(asio::io_context& loop, const RemoteSource& source, const std::string& etag, Done done)
      : resolver_(loop),
        socket_(loop),
        timer_(loop),
        request_(http::verb::get, source.target, kHttp11),
        done_(std::move(done)) {
    request_.set(http::field::host, source.authority);
    request_.set(http::field::accept, "application/json");
    request_.set(http::field::connection, "close");
    if (!etag.empty()) {
      request_.set(http::field::if_none_match, etag);
    }
    parser_.body_limit(kMaxBody);
    parser_.header_limit(kMaxHeader);
  }

  void start(const RemoteSource& source, std::chrono::milliseconds limit) {
    timer_.expires_after(limit);
    timer_.async_wait([self = shared_from_this(), limit](const boost::system::error_code& error) {
      if (!error) {
        self->fail(fmt::format("no answer within {} ms", limit.count()));
      }
    });
    if (!source.socket.empty()) {
      endpoints_.emplace_back(asio::local::stream_protocol::endpoint(source.socket));
      connect();
      return;
    }
    resolver_.async_resolve(source.host, source.port,
                            [self = shared_from_this()](const boost::system::error_code& error,
                                                        const asio::ip::tcp::resolver::results_type& found) {
                              if (error) {
                                self->fail(error.message());
                                return;
                              }
                              for (const auto& entry : found) {
                                self->endpoints_.emplace_back(entry.endpoint());
                              }
                              self->connect();
                            });
  }

  void abandon() {
    done_ = nullptr;
    close();
  }

 private:
  // To the first endpoint that takes the connection.
  void connect() {
    if (!done_) {
      return;
    }
    boost::system::error_code ignored;
    socket_.close(ignored);
    socket_.async_connect(endpoints_[next_++],
                          [self = shared_from_this()](const boost::system::error_code& error) {
                            if (!error) {
                              self->exchange();
                            } else if (self->next_ < self->endpoints_.size()) {
                              self->connect();
                            } else {
                              self->fail(error.message(), is_absence(error));
                            }
                          });
  }

  void exchange() {
    if (!done_) {
      return;
    }
    http::async_write(socket_, request_,
                      [self = shared_from_this()](const boost::system::error_code& write_error, std::size_t) {
                        if (write_error) {
                          self->fail(write_error.message());
                          return;
                        }
                        http::async_read(self->socket_, self->buffer_, self->parser_,
                                         [self](const boost::system::error_code& error, std::size_t) {
                                           if (error) {
                                             self->fail(error.message());
                                           } else {
                                             self->succeed();
                                           }
                                         });
                      });
  }

  void succeed() {
    auto message = parser_.release();
    finish(HttpReply{.status = message.result_int(),
                     .etag = std::string(message[http::field::etag]),
                     .body = std::move(message.body())});
  }

  void fail(std::string what, bool is_absent = false) {
    finish(std::unexpected(HttpFailure{std::move(what), is_absent}));
  }

  void finish(HttpOutcome outcome) {
    close();
    if (const Done done = std::exchange(done_, nullptr)) {
      done(std::move(outcome));
    }
  }

  void close() {
    boost::system::error_code ignored;
    timer_.cancel();
    resolver_.cancel();
    socket_.close(ignored);
  }

  asio::ip::tcp::resolver resolver_;
  Stream::socket socket_;
  asio::steady_timer timer_;
  std::vector<Stream::endpoint> endpoints_;
  std::size_t next_ = 0;
  http::request<http::empty_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  Done done_;  // empty: it has been told, or nobody wants to know
};

HttpGet::HttpGet(asio::io_context& loop, const RemoteSource& source, const std::string& etag,
                 std::chrono::milliseconds limit, Done done)
    : exchange_(std::make_shared<Exchange>(loop, source, etag, std::move(done))) {
  exchange_->start(source, limit);
}

HttpGet::~HttpGet() {
  exchange_->abandon();
}

}  // namespace meshdns::server
