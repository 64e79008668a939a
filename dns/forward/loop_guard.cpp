#include "dns/forward/loop_guard.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>

#include <stdlib.h>

#include "dns/wire/message.hpp"

namespace meshdns::forward {

namespace {

constexpr std::size_t kIds = 65536;

// Of everything behind the id, never 0. Nothing hangs on who can find collisions: the most that a forged
// message gains is a SERVFAIL for itself.
std::uint64_t digest(std::span<const std::uint8_t> message) {
  constexpr std::uint64_t kMultiplier = 0xD6E8FEB86659FD93;
  std::uint64_t hash = message.size();
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kMultiplier;
    hash ^= hash >> 32;
  };
  auto rest = message.subspan(2);
  std::uint64_t word = 0;
  for (; rest.size() >= sizeof word; rest = rest.subspan(sizeof word)) {
    std::memcpy(&word, rest.data(), sizeof word);
    mix(word);
  }
  word = 0;
  std::memcpy(&word, rest.data(), rest.size());
  mix(word);
  return hash | 1;
}

// 128 bits that nobody can guess, as hexadecimal digits.
std::string new_token() {
  std::array<std::uint8_t, LoopGuard::kTokenSize / 2> bits;
  arc4random_buf(bits.data(), bits.size());
  std::string token;
  for (const std::uint8_t octet : bits) {
    token += "0123456789abcdef"[octet >> 4];
    token += "0123456789abcdef"[octet & 15];
  }
  return token;
}

}  // namespace

LoopGuard::LoopGuard() : in_flight_(static_cast<std::uint64_t*>(std::calloc(kIds, sizeof(std::uint64_t)))) {
  if (!in_flight_) {
    throw std::bad_alloc();
  }
}

void LoopGuard::sent(std::span<const std::uint8_t> message) noexcept {
  place_of(message).store(digest(message), std::memory_order_relaxed);
}

void LoopGuard::finished(std::span<const std::uint8_t> message) noexcept {
  // Another worker may have used the id since; its message stays.
  std::uint64_t mine = digest(message);
  place_of(message).compare_exchange_strong(mine, 0, std::memory_order_relaxed);
}

bool LoopGuard::is_own(std::span<const std::uint8_t> message) const noexcept {
  if (message.size() < wire::kHeaderSize) {
    return false;
  }
  const std::uint64_t own = place_of(message).load(std::memory_order_relaxed);
  return own != 0 && own == digest(message);
}

std::atomic_ref<std::uint64_t> LoopGuard::place_of(std::span<const std::uint8_t> message) const noexcept {
  return std::atomic_ref(in_flight_[wire::load16(message.data())]);
}

std::shared_ptr<LoopState> LoopGuard::state_of(const SocketAddress& upstream) {
  const std::lock_guard lock(mutex_);
  std::erase_if(states_, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<LoopState>& known = states_[upstream];
  auto state = known.lock();
  if (!state) {
    known = state = std::make_shared<LoopState>();
  }
  return state;
}

std::optional<std::string> LoopGuard::take_probe(LoopState& state, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (now < state.due_) {
    return std::nullopt;
  }
  if (!state.came_back_) {
    state.is_looping_.store(false, std::memory_order_relaxed);
  }
  state.came_back_ = false;
  state.due_ = now + (state.is_looping() ? kLoopingProbeInterval : kProbeInterval);
  return state.token_ = new_token();
}

Clock::time_point LoopGuard::probe_due(const LoopState& state) const {
  const std::lock_guard lock(mutex_);
  return state.due_;
}

void LoopGuard::probe_soon(LoopState& state, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  state.due_ = std::min(state.due_, now + kLoopingProbeInterval);
}

bool LoopGuard::may_be_probe(std::span<const std::uint8_t> folded_qname) noexcept {
  constexpr std::size_t kLabel = 1 + kTokenSize;
  return folded_qname.size() > kLabel + 1 + kProbeLabel.size() && folded_qname[0] == kTokenSize &&
         folded_qname[kLabel] == kProbeLabel.size() &&
         std::memcmp(&folded_qname[kLabel + 1], kProbeLabel.data(), kProbeLabel.size()) == 0;
}

std::optional<SocketAddress> LoopGuard::take_back(std::span<const std::uint8_t> folded_qname) {
  if (!may_be_probe(folded_qname)) {
    return std::nullopt;
  }
  const std::string_view token(reinterpret_cast<const char*>(&folded_qname[1]), kTokenSize);
  const auto upstream = recognise(token);
  if (upstream && tell_) {
    tell_(*upstream);
  }
  return upstream;
}

std::optional<SocketAddress> LoopGuard::recognise(std::string_view token) {
  const std::lock_guard lock(mutex_);
  for (const auto& [upstream, known] : states_) {
    const auto state = known.lock();
    if (state && state->token_ == token) {
      state->came_back_ = true;
      state->is_looping_.store(true, std::memory_order_relaxed);
      state->due_ = std::min(state->due_, Clock::now() + kLoopingProbeInterval);
      return upstream;
    }
  }
  return std::nullopt;
}

}  // namespace meshdns::forward
