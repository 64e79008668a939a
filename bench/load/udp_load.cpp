#include "bench/load/udp_load.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

#include "bench/load/drive.hpp"
#include "bench/load/in_flight.hpp"

namespace meshdns::load {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMaxReplySize = 4096;

class Flow {
 public:
  Flow(base::UniqueFd socket, QuerySource& source, Meter& meter, std::size_t capacity)
      : socket_(std::move(socket)), waiting_(source, meter, capacity) {
    constexpr int kReceiveBuffer = 4 << 20;
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
    for (std::size_t i = 0; i < kBatch; ++i) {
      receive_parts_[i] = {replies_[i].data(), kMaxReplySize};
      receive_batch_[i].msg_hdr.msg_iov = &receive_parts_[i];
      receive_batch_[i].msg_hdr.msg_iovlen = 1;
      send_batch_[i].msg_hdr.msg_iov = &send_parts_[i];
      send_batch_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  pollfd polled() const { return {socket_.get(), POLLIN, 0}; }
  InFlight& waiting() { return waiting_; }

  std::size_t send(std::size_t allowance, Clock::time_point now) {
    unsigned count = 0;
    for (; count < std::min(allowance, kBatch) && !waiting_.is_full(); ++count) {
      const std::string_view query = waiting_.take(now);
      send_parts_[count] = {const_cast<char*>(query.data()), query.size()};
    }
    if (count != 0) {
      // What the kernel does not take (the server is gone) stays unanswered and is booked as lost in its
      // time.
      sendmmsg(socket_.get(), send_batch_.data(), count, MSG_DONTWAIT);
    }
    return count;
  }

  Result<std::size_t> receive() {
    const int count = recvmmsg(socket_.get(), receive_batch_.data(), kBatch, MSG_DONTWAIT, nullptr);
    if (count <= 0) {
      return 0;
    }
    const auto now = Clock::now();
    for (int i = 0; i < count; ++i) {
      waiting_.settle({replies_[i].data(), receive_batch_[i].msg_len}, now);
    }
    return static_cast<std::size_t>(count);
  }

 private:
  base::UniqueFd socket_;
  InFlight waiting_;
  std::array<std::array<char, kMaxReplySize>, kBatch> replies_;
  std::array<iovec, kBatch> receive_parts_{};
  std::array<iovec, kBatch> send_parts_{};
  std::array<mmsghdr, kBatch> receive_batch_{};
  std::array<mmsghdr, kBatch> send_batch_{};
};

}  // namespace

Result<void> run_udp(const LoopbackAddress& target, std::size_t in_flight, std::size_t sockets,
                     QuerySource& source, Meter& meter) {
  std::vector<std::unique_ptr<Flow>> flows;
  for (std::size_t i = 0; i < sockets; ++i) {
    auto socket = target.connect(SOCK_DGRAM);
    if (!socket) {
      return std::unexpected(socket.error());
    }
    flows.push_back(std::make_unique<Flow>(std::move(*socket), source, meter, in_flight / sockets));
  }

  return drive(flows, meter);
}

}  // namespace meshdns::load
