#include "dns/forward/loop_guard.hpp"

#include "dns/wire/message.hpp"

namespace meshdns::forward {

namespace {

// FNV-1a of everything behind the id, never 0. Nothing hangs on who can find collisions: the most that a
// forged message gains is a SERVFAIL for itself.
std::uint64_t digest(std::span<const std::uint8_t> message) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t octet : message.subspan(2)) {
    hash = (hash ^ octet) * 0x100000001b3;
  }
  return hash | 1;
}

}  // namespace

void LoopGuard::sent(std::span<const std::uint8_t> message) noexcept {
  in_flight_[wire::load16(message.data())].store(digest(message), std::memory_order_relaxed);
}

void LoopGuard::finished(std::span<const std::uint8_t> message) noexcept {
  // Another worker may have used the id since; its message stays.
  std::uint64_t mine = digest(message);
  in_flight_[wire::load16(message.data())].compare_exchange_strong(mine, 0, std::memory_order_relaxed);
}

bool LoopGuard::is_own(std::span<const std::uint8_t> message) const noexcept {
  return message.size() >= wire::kHeaderSize &&
         in_flight_[wire::load16(message.data())].load(std::memory_order_relaxed) == digest(message);
}

}  // namespace meshdns::forward
