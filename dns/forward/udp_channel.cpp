#include "dns/forward/udp_channel.hpp"

#include <algorithm>
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
  for (const Message& message : messages_) {
    context_.loops.finished(octets(message));
  }
}

std::size_t UdpChannel::find(std::uint16_t id) const {
  return static_cast<std::size_t>(std::ranges::find(ids_, id) - ids_.begin());
}

void UdpChannel::send(std::span<const std::uint8_t> message, std::size_t question_size, OnEnd on_end) {
  const std::uint16_t id = wire::load16(message.data());
  if (is_idle()) {
    octets_.clear();
  }
  ids_.push_back(id);
  messages_.push_back({.at = octets_.size(),
                       .size = static_cast<std::uint16_t>(message.size()),
                       .question_size = static_cast<std::uint16_t>(question_size),
                       .on_end = std::move(on_end)});
  octets_.insert(octets_.end(), message.begin(), message.end());
  context_.loops.sent(message);
  error_code failed = sent() == 0 ? open() : error_code();
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
    if (const std::size_t place = self->find(id); place != self->ids_.size()) {
      self->end(place, {.error = error});
    }
  });
}

// The id stays taken, so that a late reply finds it.
bool UdpChannel::forget(std::uint16_t id) {
  const std::size_t place = find(id);
  if (place == ids_.size() || !messages_[place].on_end) {
    return false;
  }
  messages_[place].on_end = nullptr;
  --awaited_;
  return true;
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
  const std::size_t place =
      datagram.size() < wire::kHeaderSize ? ids_.size() : find(wire::load16(datagram.data()));
  if (place != ids_.size()) {
    const Message& asked = messages_[place];
    const auto question = octets(asked).subspan(wire::kHeaderSize, asked.question_size);
    if (wire::reply_matches(datagram, ids_[place], question)) {
      end(place, {.reply = datagram});
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
  const std::vector<std::uint16_t> ids = ids_;
  for (const std::uint16_t id : ids) {
    end(find(id), {.error = error});
  }
}

void UdpChannel::end(std::size_t place, const Ended& ended) {
  context_.loops.finished(octets(messages_[place]));
  OnEnd on_end = std::move(messages_[place].on_end);
  messages_[place] = std::move(messages_.back());
  messages_.pop_back();
  ids_[place] = ids_.back();
  ids_.pop_back();
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
