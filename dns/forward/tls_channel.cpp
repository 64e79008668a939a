#include "dns/forward/tls_channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "dns/forward/asio_address.hpp"
#include "dns/forward/socket_mark.hpp"
#include "dns/wire/message.hpp"
#include "dns/wire/reply_view.hpp"

namespace meshdns::forward {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class TlsContext {
 public:
  TlsContext() : context(asio::ssl::context::tls_client) {}
  mutable asio::ssl::context context;  // OpenSSL counts references to it, and locks where it must
};

Result<std::shared_ptr<const TlsContext>> make_tls_context(const TlsOptions& options) {
  auto made = std::make_shared<TlsContext>();
  asio::ssl::context& context = made->context;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(asio::ssl::verify_peer);
  error_code failed;
  const auto fault = [&](const std::string& path) {
    return meshdns::fail(Errc::FileUnreadable, fmt::format("tls: {}: {}", path, failed.message()));
  };
  if (options.ca.empty()) {
    context.set_default_verify_paths(failed);
  } else if (context.load_verify_file(options.ca, failed); failed) {
    return fault(options.ca);
  }
  if (!options.certificate.empty()) {
    if (context.use_certificate_chain_file(options.certificate, failed); failed) {
      return fault(options.certificate);
    }
    if (context.use_private_key_file(options.key, asio::ssl::context::pem, failed); failed) {
      return fault(options.key);
    }
  }
  return made;
}

struct TlsChannel::Stream {
  Stream(asio::io_context& loop, const TlsContext& context) : ssl(loop, context.context) {}

  asio::ssl::stream<tcp::socket> ssl;
  std::array<std::uint8_t, 2> size{};
  std::vector<std::uint8_t> sending;  // framed messages
  std::vector<std::uint8_t> received;
};

namespace {

// Why OpenSSL did not go on: the certificate, if it was that.
std::string reason_of(const error_code& failed, SSL* ssl) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) {
    return fmt::format("tls: certificate refused: {}", X509_verify_cert_error_string(verdict));
  }
  return fmt::format("tls: {}", failed.message());
}

}  // namespace

TlsChannel::TlsChannel(ChannelContext& context, const Upstream& upstream)
    : Channel(upstream, Protocol::Tls),
      context_(context),
      stream_(std::make_shared<Stream>(context.loop, *upstream.tls)) {}

// Operations under way hold the stream; closed, they come to their end.
TlsChannel::~TlsChannel() {
  error_code ignored;
  stream_->ssl.next_layer().close(ignored);
}

void TlsChannel::send(std::span<const std::uint8_t> message, std::size_t question_size, OnEnd on_end) {
  const std::uint16_t id = wire::load16(message.data());
  const auto question = message.subspan(wire::kHeaderSize, question_size);
  on_their_way_[id] = {.question = {question.begin(), question.end()}, .on_end = std::move(on_end)};
  std::array<std::uint8_t, 2> size{};
  wire::store16(size.data(), static_cast<std::uint16_t>(message.size()));
  unsent_.insert(unsent_.end(), size.begin(), size.end());
  unsent_.insert(unsent_.end(), message.begin(), message.end());
  if (sent() == 0) {
    connect();
  } else if (is_ready_) {
    write();
  }
}

bool TlsChannel::forget(std::uint16_t id) {
  return forget_in(on_their_way_, id);
}

void TlsChannel::connect() {
  const tcp::endpoint server(asio_address(upstream_.address), upstream_.address.port);
  tcp::socket& socket = stream_->ssl.next_layer();
  error_code failed;
  socket.open(server.protocol(), failed);
  if (!failed) {
    socket.set_option(tcp::no_delay(true), failed);
  }
  if (!failed && !mark_socket(socket.native_handle(), upstream_.mark)) {
    failed.assign(errno, boost::system::system_category());
  }
  if (!failed && upstream_.source) {
    socket.bind({asio_address({.ip = *upstream_.source}), 0}, failed);
  }
  if (failed) {
    asio::post(context_.loop, [weak = weak_from_this(), error = failed.value()] {
      if (const auto self = weak.lock()) {
        self->fail(error, {});
      }
    });
    return;
  }
  socket.async_connect(server, [weak = weak_from_this(), stream = stream_](const error_code& refused) {
    const auto self = weak.lock();
    if (!self) {
      return;
    }
    if (refused) {
      self->fail(refused.value(), {});
    } else {
      self->handshake();
    }
  });
}

void TlsChannel::handshake() {
  auto& ssl = stream_->ssl;
  const bool has_name = !upstream_.tls_name.empty();
  const std::string name = has_name ? upstream_.tls_name : upstream_.address.ip.to_string();
  if (has_name && !IpAddress::parse(name)) {
    SSL_set_tlsext_host_name(ssl.native_handle(), name.c_str());
  }
  ssl.set_verify_callback(asio::ssl::host_name_verification(name));
  ssl.async_handshake(asio::ssl::stream_base::client,
                      [weak = weak_from_this(), stream = stream_](const error_code& failed) {
                        const auto self = weak.lock();
                        if (!self) {
                          return;
                        }
                        if (failed) {
                          self->fail(EPROTO, reason_of(failed, self->stream_->ssl.native_handle()));
                          return;
                        }
                        self->is_ready_ = true;
                        self->write();
                        self->read_size();
                      });
}

void TlsChannel::write() {
  if (is_writing_ || unsent_.empty()) {
    return;
  }
  is_writing_ = true;
  stream_->sending = std::exchange(unsent_, {});
  asio::async_write(stream_->ssl, asio::buffer(stream_->sending),
                    [weak = weak_from_this(), stream = stream_](const error_code& failed, std::size_t) {
                      const auto self = weak.lock();
                      if (!self) {
                        return;
                      }
                      self->is_writing_ = false;
                      if (failed) {
                        self->fail(ECONNRESET, {});
                      } else {
                        self->write();
                      }
                    });
}

void TlsChannel::read_size() {
  asio::async_read(stream_->ssl, asio::buffer(stream_->size),
                   [weak = weak_from_this(), stream = stream_](const error_code& failed, std::size_t) {
                     const auto self = weak.lock();
                     if (self && failed) {
                       self->fail(ECONNRESET, {});
                     } else if (self) {
                       self->read_message();
                     }
                   });
}

void TlsChannel::read_message() {
  stream_->received.resize(wire::load16(stream_->size.data()));
  asio::async_read(stream_->ssl, asio::buffer(stream_->received),
                   [weak = weak_from_this(), stream = stream_](const error_code& failed, std::size_t) {
                     const auto self = weak.lock();
                     if (self && failed) {
                       self->fail(ECONNRESET, {});
                     } else if (self) {
                       self->take_message();
                       if (!self->is_broken_) {
                         self->read_size();
                       }
                     }
                   });
}

void TlsChannel::take_message() {
  const auto found = stream_->received.size() < wire::kHeaderSize
                         ? on_their_way_.end()
                         : on_their_way_.find(wire::load16(stream_->received.data()));
  if (found == on_their_way_.end() ||
      !wire::reply_matches(stream_->received, found->first, found->second.question)) {
    context_.on_mismatch(upstream_);
    return;
  }
  has_answered_ = true;
  end(found->first, {.reply = stream_->received});
}

void TlsChannel::end(std::uint16_t id, const Ended& ended) {
  auto node = on_their_way_.extract(id);
  OnEnd on_end = std::move(node.mapped().on_end);
  if (on_end) {
    --awaited_;
  }
  last_used_at_ = Clock::now();
  context_.on_message_ended(*this, ended.error == 0);
  if (on_end) {
    on_end(ended);
  }
}

void TlsChannel::fail(int error, std::string reason) {
  if (std::exchange(is_broken_, true)) {
    return;
  }
  error_code ignored;
  stream_->ssl.next_layer().close(ignored);
  while (!on_their_way_.empty()) {
    end(on_their_way_.begin()->first, {.error = error, .reason = reason, .is_stale = has_answered_});
  }
}

}  // namespace meshdns::forward
