#include "dns/server/udp_listener.hpp"

#include <array>
#include <cstring>

#include "dns/server/socket_address.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::server {
namespace {

// A datagram of this size crosses the loopback interface whole; elsewhere it would be fragmented.
constexpr std::size_t kLoopbackCeiling = wire::kMaxUdpQuery;
constexpr std::size_t kNetworkCeiling = wire::kOwnUdpPayload;

constexpr int kMaxDrainBatches = 1024;  // a bound where the socket is not closed to others
constexpr int kBatchesPerTurn = 16;     // then the other sockets of the worker have their turn
// After as many datagrams at once more have probably come meanwhile: looking costs less than waiting for the
// event.
constexpr std::size_t kBusyBatch = 8;

bool is_loopback(const sockaddr_storage& address) {
  return from_kernel(address).ip.is_loopback();
}

ssize_t send_to(int fd, const DatagramPeer& peer, std::span<const std::uint8_t> response) {
  const auto* const address = reinterpret_cast<const sockaddr*>(&peer.address);
  if (peer.control_size == 0) {  // the kernel has less to read then
    return ::sendto(fd, response.data(), response.size(), MSG_DONTWAIT, address, peer.address_size);
  }
  DatagramPeer to = peer;
  iovec vector{const_cast<std::uint8_t*>(response.data()), response.size()};
  msghdr header{};
  header.msg_name = &to.address;
  header.msg_namelen = to.address_size;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = to.control.data();
  header.msg_controllen = to.control_size;
  return ::sendmsg(fd, &header, MSG_DONTWAIT);
}

}  // namespace

class UdpListener::DatagramOrigin final : public Origin {
 public:
  DatagramOrigin(UdpListener& listener, std::size_t datagram, std::size_t ceiling)
      : listener_(listener), datagram_(datagram) {
    udp_ceiling = ceiling;
    is_v6 = listener.local_.ip.is_v6;
  }

  Deliver deliver_later() const override {
    return [reply =
                listener_.late_replies_.make(listener_.shared_from_this(), listener_.batch_.peer(datagram_))](
               std::span<const std::uint8_t> response) { reply->listener->send_one(reply->peer, response); };
  }
  SocketAddress client() const override { return from_kernel(listener_.batch_.peer_address(datagram_)); }
  SocketAddress local() const override { return listener_.local_; }

 private:
  UdpListener& listener_;
  std::size_t datagram_;
};

UdpListener::UdpListener(boost::asio::io_context& loop, ListenSocket socket, const SocketAddress& actual,
                         DatagramBatch& batch, QueryHandler& handler, base::Counters& counters)
    : socket_(loop, socket.fd.release()),
      is_passed_(socket.is_passed),
      is_wildcard_(actual.ip.is_unspecified()),
      is_loopback_(actual.ip.is_loopback()),
      local_(actual),
      batch_(batch),
      handler_(handler),
      counters_(counters) {}

void UdpListener::wait() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (error || self->is_stopped_) {
                         return;
                       }
                       for (int turn = 0; turn < kBatchesPerTurn && self->run_batch() >= kBusyBatch; ++turn) {
                       }
                       self->wait();
                     });
}

void UdpListener::stop() {
  is_stopped_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void UdpListener::finish() {
  // Connected to itself the socket is nobody else's any more: who sends now is refused by the kernel at once
  // and need not wait in vain. What is queued can still be read, and replies can still go anywhere.
  KernelAddress self;
  if (!is_passed_ && ::getsockname(socket_.native_handle(), self.get(), &self.size) == 0) {
    ::connect(socket_.native_handle(), self.get(), self.size);
  }
  for (int batch = 0; batch < kMaxDrainBatches && run_batch() != 0; ++batch) {
  }
  stop();
}

std::size_t UdpListener::run_batch() {
  const int received = batch_.receive(socket_.native_handle());
  if (received <= 0) {
    return 0;
  }
  const auto count = static_cast<std::size_t>(received);
  handler_.meter().begin_batch();
  for (std::size_t i = 0; i < count; ++i) {
    const bool whole = is_loopback_ || (is_wildcard_ && is_loopback(batch_.peer_address(i)));
    const DatagramOrigin origin(*this, i, whole ? kLoopbackCeiling : kNetworkCeiling);
    const std::size_t size = handler_.handle(batch_.datagram(i), *router_, origin, batch_.response_space());
    if (size != 0) {
      batch_.respond(i, size);
    }
  }
  counters_.udp_queries.add(count);
  if (const std::size_t dropped = batch_.send(socket_.native_handle()); dropped != 0) {
    counters_.udp_send_errors.add(dropped);
  }
  handler_.meter().end_batch();
  return count;
}

void UdpListener::send_one(const DatagramPeer& peer, std::span<const std::uint8_t> response) {
  if (response.empty()) {
    return;
  }
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (send_to(socket_.native_handle(), peer, response) >= 0) {
      return;
    }
  }
  counters_.udp_send_errors.add();
}

}  // namespace meshdns::server
