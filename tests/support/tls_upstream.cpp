#include "tests/support/tls_upstream.hpp"

#include <array>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace meshdns::support {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class TlsUpstream::Impl {
 public:
  Impl(ScriptedUpstream::Script script, const Certificate& certificate, const std::string& client_ca)
      : script_(std::move(script)),
        context_(asio::ssl::context::tls_server),
        acceptor_(loop_, {asio::ip::address_v4::loopback(), 0}) {
    context_.use_certificate_chain(asio::buffer(certificate.pem));
    context_.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
    if (!client_ca.empty()) {
      context_.add_certificate_authority(asio::buffer(client_ca));
      context_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    }
    accept();
    thread_ = std::thread([this] { loop_.run(); });
  }

  ~Impl() {
    loop_.stop();
    thread_.join();
  }

  SocketAddress address() const {
    return {*IpAddress::parse("127.0.0.1"), acceptor_.local_endpoint().port()};
  }

  template <class T>
  T copy_of(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }

  void close_connections() {
    std::promise<void> closed;
    asio::post(loop_, [&] {
      for (const auto& weak : open_) {
        if (const auto connection = weak.lock()) {
          error_code ignored;
          connection->stream.next_layer().close(ignored);
        }
      }
      open_.clear();
      closed.set_value();
    });
    closed.get_future().wait();
  }

  std::vector<SeenQuery> seen_;
  std::vector<std::string> names_;
  std::size_t connections_ = 0;

 private:
  struct Connection {
    Connection(tcp::socket socket, asio::ssl::context& context) : stream(std::move(socket), context) {}
    asio::ssl::stream<tcp::socket> stream;
    std::array<std::uint8_t, 2> size{};
    Bytes message;
  };
  using Shared = std::shared_ptr<Connection>;

  void accept() {
    acceptor_.async_accept([this](error_code failed, tcp::socket socket) {
      if (!failed) {
        const auto connection = std::make_shared<Connection>(std::move(socket), context_);
        open_.push_back(connection);
        {
          const std::lock_guard lock(mutex_);
          ++connections_;
        }
        handshake(connection);
      }
      accept();
    });
  }

  void handshake(const Shared& connection) {
    connection->stream.async_handshake(asio::ssl::stream_base::server, [this, connection](error_code failed) {
      if (failed) {
        return;
      }
      const char* const name =
          SSL_get_servername(connection->stream.native_handle(), TLSEXT_NAMETYPE_host_name);
      {
        const std::lock_guard lock(mutex_);
        names_.emplace_back(name == nullptr ? "" : name);
      }
      read(connection);
    });
  }

  void read(const Shared& connection) {
    asio::async_read(connection->stream, asio::buffer(connection->size),
                     [this, connection](error_code failed, std::size_t) {
                       if (!failed) {
                         connection->message.resize(connection->size[0] << 8U | connection->size[1]);
                         read_rest(connection);
                       }
                     });
  }

  void read_rest(const Shared& connection) {
    asio::async_read(connection->stream, asio::buffer(connection->message),
                     [this, connection](error_code failed, std::size_t) {
                       if (failed) {
                         return;
                       }
                       const SeenQuery query{.message = connection->message, .is_tcp = true};
                       Reaction reaction;
                       {
                         const std::lock_guard lock(mutex_);
                         seen_.push_back(query);
                         reaction = script_(query);
                       }
                       answer(connection, std::move(reaction));
                     });
  }

  void answer(const Shared& connection, Reaction reaction) {
    auto timer = std::make_shared<asio::steady_timer>(loop_, reaction.delay);
    timer->async_wait([this, timer, connection, messages = std::move(reaction.messages)](error_code) {
      error_code ignored;
      for (const Bytes& message : messages) {
        const std::array<std::uint8_t, 2> size{static_cast<std::uint8_t>(message.size() >> 8),
                                               static_cast<std::uint8_t>(message.size())};
        asio::write(connection->stream, asio::buffer(size), ignored);
        asio::write(connection->stream, asio::buffer(message), ignored);
      }
      read(connection);
    });
  }

  mutable std::mutex mutex_;  // guards script_, seen_, names_, connections_
  ScriptedUpstream::Script script_;

  asio::io_context loop_;
  asio::ssl::context context_;
  tcp::acceptor acceptor_;
  std::vector<std::weak_ptr<Connection>> open_;
  std::thread thread_;
};

TlsUpstream::TlsUpstream(ScriptedUpstream::Script script, const Certificate& certificate,
                         const std::string& client_ca)
    : impl_(std::make_unique<Impl>(std::move(script), certificate, client_ca)) {}
TlsUpstream::~TlsUpstream() = default;

SocketAddress TlsUpstream::address() const {
  return impl_->address();
}
std::vector<SeenQuery> TlsUpstream::seen() const {
  return impl_->copy_of(impl_->seen_);
}
std::vector<std::string> TlsUpstream::names() const {
  return impl_->copy_of(impl_->names_);
}
std::size_t TlsUpstream::connections() const {
  return impl_->copy_of(impl_->connections_);
}
void TlsUpstream::close_connections() {
  impl_->close_connections();
}

}  // namespace meshdns::support
