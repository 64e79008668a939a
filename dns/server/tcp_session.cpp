#include "dns/server/tcp_session.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "dns/wire/message.hpp"

namespace meshdns::server {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kLengthPrefix = 2;
constexpr std::size_t kFirstBuffer = 2048;  // grows to what a client announces
constexpr std::size_t kMaxUnsent =
    256 * 1024;  // a client that leaves more responses unread is not read from either

SocketAddress to_address(const asio::ip::tcp::endpoint& endpoint) {
  SocketAddress address;
  address.port = endpoint.port();
  address.ip.is_v6 = endpoint.address().is_v6();
  if (address.ip.is_v6) {
    std::ranges::copy(endpoint.address().to_v6().to_bytes(), address.ip.octets.begin());
    address.scope = static_cast<std::uint32_t>(endpoint.address().to_v6().scope_id());
  } else {
    std::ranges::copy(endpoint.address().to_v4().to_bytes(), address.ip.octets.begin());
  }
  return address;
}

}  // namespace

// A response that comes later. Its place is given back even if it never does.
class TcpSession::Expected {
 public:
  explicit Expected(TcpSession& session) : session_(session.shared_from_this()) { ++session.in_flight_; }
  Expected(Expected&&) noexcept = default;
  Expected& operator=(Expected&&) = delete;
  ~Expected() {
    if (session_) {
      --session_->in_flight_;
      session_->update_deadline();
    }
  }

  void operator()(std::span<const std::uint8_t> response) {
    const auto session = std::exchange(session_, nullptr);
    --session->in_flight_;
    session->queue(response);
    session->proceed();
  }

 private:
  std::shared_ptr<TcpSession> session_;
};

class TcpSession::StreamOrigin final : public Origin {
 public:
  explicit StreamOrigin(TcpSession& session) : session_(session) {
    is_tcp = true;
    is_v6 = session.local_.ip.is_v6;
  }

  Deliver deliver_later() const override { return Expected(session_); }

  SocketAddress client() const override {
    boost::system::error_code error;
    const auto endpoint = session_.socket_.remote_endpoint(error);
    return error ? SocketAddress() : to_address(endpoint);
  }
  SocketAddress local() const override { return session_.local_; }

 private:
  TcpSession& session_;
};

TcpSession::TcpSession(asio::ip::tcp::socket socket, const TcpLimits& limits, QueryHandler& handler,
                       base::Counters& counters, std::span<std::uint8_t> scratch)
    : socket_(std::move(socket)),
      limits_(limits),
      handler_(handler),
      counters_(counters),
      scratch_(scratch),
      in_(kFirstBuffer) {}

void TcpSession::start() {
  boost::system::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  local_ = to_address(socket_.local_endpoint(ignored));
  deadline_ = Clock::now() + limits_.first_message_timeout;
  read();
}

bool TcpSession::may_take() const {
  return !closed_ && !input_ended_ && in_flight_ < limits_.max_queries_in_flight &&
         queued_.size() + writing_.size() < kMaxUnsent;
}

// Reads only when every whole message in `in_` is taken, so that there is always room for the rest of the
// next one.
void TcpSession::read() {
  if (reading_ || !may_take()) {
    return;
  }
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(in_.data() + in_used_, in_.size() - in_used_),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t octets) {
        self->reading_ = false;
        if (self->closed_) {
          return;
        }
        if (error) {
          self->input_ended_ = true;
          if (error != asio::error::eof) {
            self->close();
          } else {
            self->write();
          }
          return;
        }
        self->in_used_ += octets;
        self->proceed();
      });
}

void TcpSession::proceed() {
  if (taking_) {
    return;  // a query was answered at once; the loop in take_messages() goes on
  }
  take_messages();
  write();
  update_deadline();
  read();
}

void TcpSession::take_messages() {
  taking_ = true;
  handler_.meter().begin_batch();
  std::size_t at = 0;
  while (may_take() && in_used_ - at >= kLengthPrefix) {
    const std::size_t size = wire::load16(&in_[at]);
    if (in_used_ - at - kLengthPrefix < size) {
      break;
    }
    counters_.tcp_queries.add();
    input_ended_ |= ++taken_ == limits_.max_queries;
    const std::span<const std::uint8_t> message(&in_[at + kLengthPrefix], size);
    at += kLengthPrefix + size;
    const StreamOrigin origin(*this);
    const std::size_t response = handler_.handle(message, *router_, origin, scratch_);
    if (response != 0) {
      queue(scratch_.first(response));
    } else if (size < wire::kHeaderSize) {
      input_ended_ = true;  // whatever this is, it is not DNS
    }
  }
  std::copy(in_.begin() + static_cast<std::ptrdiff_t>(at),
            in_.begin() + static_cast<std::ptrdiff_t>(in_used_), in_.begin());
  in_used_ -= at;
  if (in_used_ >= kLengthPrefix) {
    in_.resize(std::max(in_.size(), kLengthPrefix + wire::load16(in_.data())));
  }
  if (in_used_ == 0) {
    message_since_.reset();
  } else if (at != 0 || !message_since_) {
    message_since_ = Clock::now();
  }
  taking_ = false;
  handler_.meter().end_batch();
}

void TcpSession::queue(std::span<const std::uint8_t> response) {
  if (closed_ || response.empty()) {
    return;
  }
  std::uint8_t prefix[kLengthPrefix];
  wire::store16(prefix, static_cast<std::uint16_t>(response.size()));
  queued_.insert(queued_.end(), prefix, prefix + kLengthPrefix);
  queued_.insert(queued_.end(), response.begin(), response.end());
}

void TcpSession::write() {
  if (closed_ || !writing_.empty()) {
    return;
  }
  if (queued_.empty()) {
    if (input_ended_ && in_flight_ == 0) {
      close();
    }
    return;
  }
  std::swap(queued_, writing_);
  writing_since_ = Clock::now();
  update_deadline();
  asio::async_write(socket_, asio::buffer(writing_),
                    [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                      self->writing_.clear();
                      if (error) {
                        self->close();
                        return;
                      }
                      self->proceed();
                    });
}

void TcpSession::update_deadline() {
  const Clock::time_point now = Clock::now();
  if (!writing_.empty()) {
    deadline_ = writing_since_ + limits_.write_timeout;  // more queries do not buy time
  } else if (in_flight_ != 0) {
    deadline_ = Clock::time_point::max();  // the forwarder's deadline bounds it
  } else {
    // Octets that trickle in do not buy time: a message has to be whole in time.
    deadline_ = message_since_ ? *message_since_ + limits_.first_message_timeout : now + limits_.idle_timeout;
  }
}

// The kernel still hands out what has arrived, then the end of the stream, as if the client had half-closed.
void TcpSession::finish() {
  boost::system::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_receive, ignored);
}

void TcpSession::close() {
  if (!closed_) {
    closed_ = true;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
}

}  // namespace meshdns::server
