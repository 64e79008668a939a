// MessageBuffer: room for the largest message. It is not cleared, so that it costs no memory until it is
// used.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dns/wire/message.hpp"

namespace meshdns::wire {

class MessageBuffer {
 public:
  std::span<std::uint8_t> span() { return {octets_.get(), kMaxMessageSize}; }

 private:
  std::unique_ptr<std::uint8_t[]> octets_ = std::make_unique_for_overwrite<std::uint8_t[]>(kMaxMessageSize);
};

}  // namespace meshdns::wire
