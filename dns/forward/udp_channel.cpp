#include "dns/forward/udp_channel.hpp"

#include <cerrno>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include "dns/forward/asio_address.hpp"
#include "dns/forward/socket_mark.hpp"
#include "dns/wire/message.hpp"
#include "dns/wire/reply_view.hpp"

namespace meshdns::forward {

namespace asio = boost::asio;
using asio::ip::udp;
using boost::system::error_code;

namespace {

// One readiness event may read this many datagrams before others get their turn.
constexpr int kReadBudget = 64;

}  // namespace

UdpChannel::UdpChannel(ChannelContext& context, const Upstream& upstream)
    : Channel(upstream, Protocol::Udp), context_(context), socket_(context.loop) {}

UdpChannel::~UdpChannel() {
  for (const auto& [id, message] : on_their_way_) {
    context_.loops.finished(message.bytes);
  }
}

void UdpChannel::send(std::span<const std::uint8_t> message, std::size_t question_size, OnEnd on_end) {
  const std::uint16_t id = wire::load16(message.data());
  on_their_way_[id] = {
      .bytes = {message.begin(), message.end()}, .question_size = question_size, .on_end = std::move(on_end)};
  context_.loops.sent(message);
  const bool is_first = sent() == 0;
  note_sent();
  error_code failed = is_first ? open() : error_code();
  if (!failed) {
    failed = transmit(message);
  }
  if (!failed) {
    return;
  }
  asio::post(context_.loop, [weak = weak_from_this(), id, error = failed.value()] {
    const auto self = weak.lock();
    if (!self) {
      return;
    }
    if (const auto found = self->on_their_way_.find(id); found != self->on_their_way_.end()) {
      self->end(found, {.error = error});
    }
  });
}

bool UdpChannel::forget(std::uint16_t id) {
  return forget_in(on_their_way_, id);
}

error_code UdpChannel::open() {
  const udp::endpoint server(asio_address(upstream_.address), upstream_.address.port);
  error_code failed;
  socket_.open(server.protocol(), failed);
  if (!failed) {
    socket_.non_blocking(true, failed);
  }
  if (!failed && !mark_socket(socket_.native_handle(), upstream_.mark)) {
    failed.assign(errno, boost::system::system_category());
  }
  if (!failed && upstream_.source) {
    socket_.bind({asio_address({.ip = *upstream_.source}), 0}, failed);
  }
  if (!failed) {
    socket_.connect(server, failed);
  }
  if (failed) {
    is_broken_ = true;
  } else {
    watch();
  }
  return failed;
}

error_code UdpChannel::transmit(std::span<const std::uint8_t> message) {
  error_code failed;
  const auto octets = asio::buffer(message.data(), message.size());
  socket_.send(octets, 0, failed);
  if (failed == asio::error::connection_refused) {
    // That was the answer to an earlier message. Sent again, this one gets its own, and reading it fails
    // both.
    socket_.send(octets, 0, failed);
  }
  return failed;
}

void UdpChannel::watch() {
  socket_.async_wait(udp::socket::wait_read, [weak = weak_from_this()](const error_code& failed) {
    if (const auto self = weak.lock(); self && !failed && !self->is_broken_) {
      self->read();
    }
  });
}

void UdpChannel::read() {
  const auto buffer = context_.buffer.span();
  int budget = kReadBudget;
  do {
    error_code failed;
    const std::size_t size = socket_.receive(asio::buffer(buffer.data(), buffer.size()), 0, failed);
    if (failed == asio::error::would_block) {
      break;
    }
    if (failed) {
      fail(failed.value());
      return;
    }
    take(buffer.first(size));
  } while (--budget > 0 && !is_idle());
  watch();
}

void UdpChannel::take(std::span<const std::uint8_t> datagram) {
  const auto found = datagram.size() < wire::kHeaderSize ? on_their_way_.end()
                                                         : on_their_way_.find(wire::load16(datagram.data()));
  if (found != on_their_way_.end()) {
    const Message& asked = found->second;
    const auto question = std::span(asked.bytes).subspan(wire::kHeaderSize, asked.question_size);
    if (wire::reply_matches(datagram, found->first, question)) {
      end(found, {.reply = datagram});
      return;
    }
  }
  context_.on_mismatch(upstream_);
}

// The server's port is closed, or the way to it: for all that is on its way.
void UdpChannel::fail(int error) {
  is_broken_ = true;
  error_code ignored;
  socket_.close(ignored);
  std::vector<std::uint16_t> ids;
  for (const auto& [id, message] : on_their_way_) {
    ids.push_back(id);
  }
  for (const std::uint16_t id : ids) {
    end(on_their_way_.find(id), {.error = error});
  }
}

void UdpChannel::end(Messages::iterator message, const Ended& ended) {
  context_.loops.finished(message->second.bytes);
  OnEnd on_end = std::move(message->second.on_end);
  on_their_way_.erase(message);
  if (on_end) {
    --awaited_;
  }
  last_used_at_ = Clock::now();
  context_.on_message_ended(*this, ended.error == 0);
  if (on_end) {
    on_end(ended);
  }
}

}  // namespace meshdns::forward
