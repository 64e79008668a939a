// drive: the loop that the pipelined generators share: send what may be sent, receive what is there, sleep
// only when there was neither, and give up on queries whose time has passed.
#pragma once

#include <algorithm>
#include <concepts>
#include <memory>
#include <vector>

#include <poll.h>

#include <meshdns/result.hpp>

#include "bench/load/in_flight.hpp"
#include "bench/load/meter.hpp"

namespace meshdns::load {

/// One socket with its queries. send and receive never block and say how much they moved.
template <class T>
concept Channel = requires(T channel, std::size_t allowance, Clock::time_point now) {
  { channel.send(allowance, now) } -> std::same_as<std::size_t>;
  { channel.receive() } -> std::same_as<Result<std::size_t>>;
  { channel.polled() } -> std::same_as<pollfd>;
  { channel.waiting() } -> std::same_as<InFlight&>;
};

/// Returns when the meter says that the run is over, or with the first Error of a channel.
template <Channel T>
Result<void> drive(const std::vector<std::unique_ptr<T>>& channels, Meter& meter) {
  constexpr auto kSweepInterval = std::chrono::milliseconds(20);
  constexpr timespec kRateGrain{0, 50'000};
  constexpr timespec kIdleGrain{0, 10'000'000};
  const auto is_idle = [&] {
    return std::ranges::all_of(channels, [](const auto& channel) { return channel->waiting().is_empty(); });
  };

  std::vector<pollfd> polled;
  auto next_sweep = Clock::now();
  for (auto now = next_sweep; !meter.is_over(now, is_idle()); now = Clock::now()) {
    meter.tick(now);
    std::size_t moved = 0;
    for (const auto& channel : channels) {
      moved += channel->send(meter.allowance(now), now);
      const auto received = channel->receive();
      if (!received) {
        return std::unexpected(received.error());
      }
      moved += *received;
    }
    if (moved == 0) {
      polled.clear();
      for (const auto& channel : channels) {
        polled.push_back(channel->polled());
      }
      ppoll(polled.data(), polled.size(), meter.is_rate_capped() ? &kRateGrain : &kIdleGrain, nullptr);
    }
    if (now >= next_sweep) {
      next_sweep = now + kSweepInterval;
      for (const auto& channel : channels) {
        channel->waiting().give_up(now - meter.timeout());
      }
    }
  }
  for (const auto& channel : channels) {
    channel->waiting().give_up();
  }
  return {};
}

}  // namespace meshdns::load
