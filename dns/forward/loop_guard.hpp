// LoopGuard: recognises our own upstream queries when they come back to us, whichever worker they reach.
//
// Shared by all workers. Holds, by query id, a digest of the last message that was sent upstream with that
// id; a query that is byte for byte that message while it is in flight is a forwarding loop.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

namespace meshdns::forward {

class LoopGuard {
 public:
  void sent(std::span<const std::uint8_t> message) noexcept;      // any thread
  void finished(std::span<const std::uint8_t> message) noexcept;  // the question is no longer in flight
  bool is_own(std::span<const std::uint8_t> message) const noexcept;

 private:
  std::array<std::atomic<std::uint64_t>, 65536> in_flight_{};
};

}  // namespace meshdns::forward
