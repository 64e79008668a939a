#include "dns/cache/entry_index.hpp"

namespace meshdns::cache {

void EntryIndex::insert(std::uint32_t tag, std::uint32_t place) noexcept {
  slots_[slot_of(tag, 0)] = {tag, place};
}

void EntryIndex::move(std::uint32_t tag, std::uint32_t from, std::uint32_t to) noexcept {
  slots_[slot_of(tag, from)].place = to;
}

void EntryIndex::erase(std::uint32_t tag, std::uint32_t place) noexcept {
  std::size_t hole = slot_of(tag, place);
  for (std::size_t at = (hole + 1) & mask_; slots_[at].place != 0; at = (at + 1) & mask_) {
    // A slot may move up to the hole unless that lies before its home.
    const std::size_t home = slots_[at].tag & mask_;
    if (((at - home) & mask_) >= ((at - hole) & mask_)) {
      slots_[hole] = slots_[at];
      hole = at;
    }
  }
  slots_[hole] = {};
}

std::size_t EntryIndex::slot_of(std::uint32_t tag, std::uint32_t place) const noexcept {
  std::size_t at = tag & mask_;
  while (slots_[at].place != place) {
    at = (at + 1) & mask_;
  }
  return at;
}

}  // namespace meshdns::cache
