#include "dns/forward/update_try.hpp"

#include <cerrno>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "dns/forward/asio_address.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::forward {

namespace asio = boost::asio;
using boost::system::error_code;

UpdateTry::UpdateTry(asio::io_context& loop, const Upstream& upstream, UpdateMessage message, OnEnd on_end)
    : loop_(loop),
      upstream_(upstream),
      message_(std::move(message)),
      on_end_(std::move(on_end)),
      udp_(loop),
      tcp_(loop) {}

void UpdateTry::start(Protocol protocol) {
  if (protocol == Protocol::Udp) {
    send();
  } else {
    connect();
  }
}

void UpdateTry::stop() {
  on_end_ = nullptr;
  error_code ignored;
  udp_.close(ignored);
  tcp_.close(ignored);
}

// The port is the kernel's choice, another one for each try.
template <class Socket>
error_code UpdateTry::open(Socket& socket) {
  const auto server = asio_address(upstream_.address);
  error_code failed;
  socket.open(typename Socket::endpoint_type(server, upstream_.address.port).protocol(), failed);
  if (!failed) {
    socket.non_blocking(true, failed);
  }
  if (!failed && upstream_.source) {
    socket.bind({asio_address({.ip = *upstream_.source}), 0}, failed);
  }
  return failed;
}

// Connected, so that the kernel passes on what comes from this server only, and tells when nobody listens.
void UpdateTry::send() {
  error_code failed = open(udp_);
  if (!failed) {
    udp_.connect({asio_address(upstream_.address), upstream_.address.port}, failed);
  }
  if (!failed) {
    udp_.send(asio::buffer(*message_), 0, failed);
  }
  if (failed) {
    fail_later(failed);
    return;
  }
  reply_.resize(wire::kMaxUdpQuery);
  receive();
}

// What is no answer does not end the wait.
void UpdateTry::receive() {
  udp_.async_receive(asio::buffer(reply_),
                     [self = shared_from_this()](const error_code& failed, std::size_t size) {
                       const auto reply = std::span(self->reply_).first(size);
                       if (failed) {
                         self->end({.error = failed.value()});
                       } else if (self->is_answer(reply)) {
                         self->end({.reply = reply});
                       } else {
                         self->receive();
                       }
                     });
}

void UpdateTry::connect() {
  if (const error_code failed = open(tcp_)) {
    fail_later(failed);
    return;
  }
  tcp_.async_connect({asio_address(upstream_.address), upstream_.address.port},
                     [self = shared_from_this()](const error_code& failed) {
                       if (failed) {
                         self->end({.error = failed.value()});
                       } else {
                         self->write();
                       }
                     });
}

void UpdateTry::write() {
  wire::store16(size_.data(), static_cast<std::uint16_t>(message_->size()));
  asio::async_write(tcp_, std::array{asio::buffer(std::as_const(size_)), asio::buffer(*message_)},
                    [self = shared_from_this()](const error_code& failed, std::size_t) {
                      if (failed) {
                        self->end({.error = failed.value()});
                      } else {
                        self->read_size();
                      }
                    });
}

void UpdateTry::read_size() {
  asio::async_read(tcp_, asio::buffer(size_),
                   [self = shared_from_this()](const error_code& failed, std::size_t) {
                     if (failed) {
                       self->end({.error = ECONNRESET});
                     } else {
                       self->read_message();
                     }
                   });
}

void UpdateTry::read_message() {
  reply_.resize(wire::load16(size_.data()));
  asio::async_read(tcp_, asio::buffer(reply_),
                   [self = shared_from_this()](const error_code& failed, std::size_t) {
                     if (failed) {
                       self->end({.error = ECONNRESET});
                     } else if (self->is_answer(self->reply_)) {
                       self->end({.reply = self->reply_});
                     } else {
                       self->read_size();
                     }
                   });
}

bool UpdateTry::is_answer(std::span<const std::uint8_t> reply) const {
  if (reply.size() < wire::kHeaderSize || wire::load16(reply.data()) != wire::load16(message_->data())) {
    return false;
  }
  const std::uint16_t flags = wire::load16(&reply[2]);
  return (flags & wire::flag::QR) != 0 && (flags & wire::flag::OpcodeMask) >> 11 == wire::opcode::Update;
}

void UpdateTry::fail_later(const error_code& failed) {
  asio::post(loop_, [self = shared_from_this(), error = failed.value()] { self->end({.error = error}); });
}

void UpdateTry::end(const Ended& ended) {
  if (OnEnd on_end = std::exchange(on_end_, nullptr)) {
    on_end(ended);
  }
}

}  // namespace meshdns::forward
