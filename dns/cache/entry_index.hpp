// EntryIndex: from the hash of a key to the place of its entry. Open addressing in memory of fixed size; what
// is erased leaves no trace (the slots behind it move up).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace meshdns::cache {

class EntryIndex {
 public:
  struct Slot {
    std::uint32_t tag;
    std::uint32_t place;  // 0: empty
  };

  // `slots` are zero, a power of two, and never more than half full; they outlive the index.
  explicit EntryIndex(std::span<Slot> slots) noexcept : slots_(slots), mask_(slots.size() - 1) {}

  // The place with this tag for which `is_it(place)` holds, or 0.
  template <class IsIt>
  std::uint32_t find(std::uint32_t tag, IsIt&& is_it) const noexcept {
    for (std::size_t at = tag & mask_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.place == 0 || (slot.tag == tag && is_it(slot.place))) {
        return slot.place;
      }
    }
  }

  void insert(std::uint32_t tag, std::uint32_t place) noexcept;
  void move(std::uint32_t tag, std::uint32_t from, std::uint32_t to) noexcept;
  void erase(std::uint32_t tag, std::uint32_t place) noexcept;

 private:
  std::size_t slot_of(std::uint32_t tag, std::uint32_t place) const noexcept;

  std::span<Slot> slots_;
  std::size_t mask_;
};

}  // namespace meshdns::cache
