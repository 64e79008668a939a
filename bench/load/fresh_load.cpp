#include "bench/load/fresh_load.hpp"

#include <array>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include "bench/load/in_flight.hpp"

namespace meshdns::load {
namespace {

Result<void> ask_once(const LoopbackAddress& target, InFlight& waiting, Clock::duration timeout) {
  const std::string_view query = waiting.take(Clock::now());
  const auto socket = target.connect(SOCK_DGRAM);
  if (!socket) {
    return std::unexpected(socket.error());
  }
  ::send(socket->get(), query.data(), query.size(), 0);
  pollfd polled{socket->get(), POLLIN, 0};
  const auto whole_seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const timespec patience{whole_seconds.count(), std::chrono::nanoseconds(timeout - whole_seconds).count()};
  std::array<char, 4096> reply;
  if (ppoll(&polled, 1, &patience, nullptr) == 1) {
    const ssize_t size = recv(socket->get(), reply.data(), reply.size(), MSG_DONTWAIT);
    if (size > 0) {
      waiting.settle({reply.data(), static_cast<std::size_t>(size)}, Clock::now());
    }
  }
  waiting.give_up();
  return {};
}

}  // namespace

Result<void> run_fresh(const LoopbackAddress& target, QuerySource& source, Meter& meter) {
  InFlight waiting(source, meter, 1);
  for (auto now = Clock::now(); !meter.is_over(now, waiting.is_empty()); now = Clock::now()) {
    meter.tick(now);
    if (meter.allowance(now) == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    } else if (auto asked = ask_once(target, waiting, meter.timeout()); !asked) {
      return asked;
    }
  }
  return {};
}

Result<void> probe(const LoopbackAddress& target, QuerySource& source, std::chrono::nanoseconds patience) {
  Meter meter({}, Clock::now());
  InFlight waiting(source, meter, 1);
  for (const auto deadline = Clock::now() + patience; Clock::now() < deadline;) {
    if (auto asked = ask_once(target, waiting, std::chrono::milliseconds(200)); !asked) {
      return asked;
    }
    if (meter.good_replies() != 0) {
      return {};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return fail(Errc::Internal, fmt::format("no good answer in time{}{}",
                                          meter.first_fault().empty() ? "" : ": ", meter.first_fault()));
}

}  // namespace meshdns::load
