#include "dns/cache/entry_ring.hpp"

namespace meshdns::cache {

bool EntryRing::has_room(std::size_t octets) const noexcept {
  if (is_wrapped_) {
    return tail_ - head_ >= octets;
  }
  return capacity_ - head_ >= octets || tail_ >= octets;
}

Entry* EntryRing::push(std::size_t octets) noexcept {
  if (!has_room(octets)) {
    return nullptr;
  }
  if (!is_wrapped_ && capacity_ - head_ < octets) {
    wrap_ = head_;
    head_ = 0;
    is_wrapped_ = true;
  }
  auto* entry = reinterpret_cast<Entry*>(begin_ + head_);
  head_ += octets;
  return entry;
}

void EntryRing::pop() noexcept {
  tail_ += oldest().octets;
  if (is_wrapped_ && tail_ == wrap_) {
    tail_ = 0;
    is_wrapped_ = false;
  }
  if (is_empty()) {
    tail_ = head_ = 0;
  }
}

}  // namespace meshdns::cache
