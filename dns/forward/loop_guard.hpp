// LoopGuard: recognises our own upstream queries when they come back to us, whichever worker they reach.
//
// Shared by all workers. A query that is byte for byte one that we have in flight was led back by the
// network; what another forwarder leads back has an id of its own, so each upstream is also sent a probe now
// and then (LoopProber), a question whose name nobody can guess: an upstream whose probe arrives here loops.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <meshdns/address.hpp>

#include "dns/forward/clock.hpp"

namespace meshdns::forward {

// What all workers know of one upstream. Any thread.
class LoopState {
 public:
  bool is_looping() const { return is_looping_.load(std::memory_order_relaxed); }

 private:
  friend class LoopGuard;

  std::atomic<bool> is_looping_ = false;
  std::string token_;  // of the last probe; this and the others are guarded by LoopGuard::mutex_
  bool came_back_ = false;
  Clock::time_point due_;
};

class LoopGuard {
 public:
  LoopGuard();

  // A probe's name is `<32 hexadecimal digits>._meshdns-loop.<zone>`.
  static constexpr std::size_t kTokenSize = 32;
  static constexpr std::string_view kProbeLabel = "_meshdns-loop";

  // How often an upstream is probed, and one that loops: both for all workers together.
  static constexpr std::chrono::seconds kProbeInterval{30};
  static constexpr std::chrono::seconds kLoopingProbeInterval{2};

  void sent(std::span<const std::uint8_t> message) noexcept;      // any thread
  void finished(std::span<const std::uint8_t> message) noexcept;  // the question is no longer in flight
  bool is_own(std::span<const std::uint8_t> message) const noexcept;

  // Called for every probe that comes back, on the thread that took it. To be set before anybody asks.
  void on_loop(std::function<void(const SocketAddress& upstream)> tell) { tell_ = std::move(tell); }

  // The same state for the same address as long as anybody holds it.
  std::shared_ptr<LoopState> state_of(const SocketAddress& upstream);

  // The token of a probe to send now, if one is due; the upstream whose last one did not come back does not
  // loop.
  std::optional<std::string> take_probe(LoopState& state, Clock::time_point now);
  Clock::time_point probe_due(const LoopState& state) const;
  void probe_soon(LoopState& state, Clock::time_point now);

  // If this is the name of a probe of ours that came back: its upstream, which loops from now on.
  static bool may_be_probe(std::span<const std::uint8_t> folded_qname) noexcept;
  std::optional<SocketAddress> take_back(std::span<const std::uint8_t> folded_qname);

 private:
  struct Free {
    void operator()(std::uint64_t* digests) const noexcept { std::free(digests); }
  };

  std::atomic_ref<std::uint64_t> place_of(std::span<const std::uint8_t> message) const noexcept;
  std::optional<SocketAddress> recognise(std::string_view token);

  // By id: a digest of the last message with it. Half a megabyte that calloc() need not touch for it to be
  // zero, so that it costs no memory until it is used.
  std::unique_ptr<std::uint64_t[], Free> in_flight_;
  std::function<void(const SocketAddress&)> tell_;
  mutable std::mutex mutex_;
  std::map<SocketAddress, std::weak_ptr<LoopState>> states_;
};

}  // namespace meshdns::forward
