// EntryRing: a queue of entries of different sizes in one piece of memory. What leaves at one end makes room
// at the other, so memory never fragments.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dns/cache/entry.hpp"

namespace meshdns::cache {

class EntryRing {
 public:
  // `begin` is aligned to 8 octets and outlives the ring.
  EntryRing(std::uint8_t* begin, std::size_t capacity) noexcept : begin_(begin), capacity_(capacity) {}

  // Room for an entry of this size behind the newest, or null if older ones must go first. After a pop() of
  // an entry of the same size there always is.
  Entry* push(std::size_t octets) noexcept;

  bool has_room(std::size_t octets) const noexcept;
  bool is_empty() const noexcept { return !is_wrapped_ && tail_ == head_; }
  Entry& oldest() noexcept { return *reinterpret_cast<Entry*>(begin_ + tail_); }
  void pop() noexcept;

  bool holds(const Entry& entry) const noexcept {
    const auto* at = reinterpret_cast<const std::uint8_t*>(&entry);
    return at >= begin_ && at < begin_ + capacity_;
  }
  std::size_t capacity() const noexcept { return capacity_; }

 private:
  std::uint8_t* begin_;
  std::size_t capacity_;
  // The entries lie in [tail, head), or when wrapped in [tail, wrap) and [0, head).
  std::size_t tail_ = 0;
  std::size_t head_ = 0;
  std::size_t wrap_ = 0;
  bool is_wrapped_ = false;
};

}  // namespace meshdns::cache
