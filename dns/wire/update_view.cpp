#include "dns/wire/update_view.hpp"

namespace meshdns::wire {

bool parse_update(QueryView& view) noexcept {
  const auto packet = view.packet;
  const std::size_t size = expand_name(packet, kHeaderSize, view.folded.data());
  // The first name of a message has nothing to point back to.
  const bool is_whole = size != 0 && skip_name(packet, kHeaderSize) == kHeaderSize + size &&
                        kHeaderSize + size + 4 <= packet.size();
  if (!is_whole || load16(&packet[4]) != 1 || load16(&packet[kHeaderSize + size]) != type::SOA) {
    return false;
  }
  view.qname_size = static_cast<std::uint16_t>(size);
  view.qtype = type::SOA;
  view.qclass = load16(&packet[kHeaderSize + size + 2]);
  return true;
}

UpdateOwners::UpdateOwners(const QueryView& update) noexcept
    : message_(update.packet),
      at_(kHeaderSize + update.question().size()),
      left_(load16(&message_[6]) + load16(&message_[8])) {}

std::span<const std::uint8_t> UpdateOwners::next() noexcept {
  if (left_ == 0 || is_broken()) {
    return {};
  }
  --left_;
  const std::size_t size = expand_name(message_, at_, owner_.data());
  const std::size_t fixed = size == 0 ? 0 : skip_name(message_, at_);
  const bool has_fixed = fixed != 0 && fixed + 10 <= message_.size();
  at_ = has_fixed ? fixed + 10 + load16(&message_[fixed + 8]) : 0;
  if (at_ > message_.size()) {
    at_ = 0;
  }
  return is_broken() ? std::span<const std::uint8_t>() : std::span(owner_.data(), size);
}

}  // namespace meshdns::wire
