#include "bench/load/in_flight.hpp"

#include <algorithm>
#include <bit>

namespace meshdns::load {

InFlight::InFlight(QuerySource& source, Meter& meter, std::size_t capacity)
    : source_(source),
      meter_(meter),
      slots_(std::clamp<std::size_t>(capacity, 1, kMaxCapacity)),
      generation_step_(static_cast<unsigned>(std::bit_ceil(slots_.size()))) {
  for (std::size_t number = slots_.size(); number-- > 0;) {
    slots_[number].id = static_cast<std::uint16_t>(number);
    free_.push_back(static_cast<std::uint16_t>(number));
  }
}

std::string_view InFlight::take(Clock::time_point now) {
  Slot& slot = slots_[free_.back()];
  free_.pop_back();
  const Query& query = source_.next();
  slot.id = static_cast<std::uint16_t>(slot.id + generation_step_);
  slot.sent_at = now;
  slot.size = static_cast<std::uint16_t>(query.wire.size());
  slot.question_size = static_cast<std::uint16_t>(query.question_size);
  slot.expect = query.expect;
  slot.is_waiting = true;
  slot.counts = meter_.sent();
  std::ranges::copy(query.wire, slot.wire.begin());
  slot.wire[0] = static_cast<char>(slot.id >> 8);
  slot.wire[1] = static_cast<char>(slot.id & 0xff);
  return {slot.wire.data(), slot.size};
}

void InFlight::settle(std::string_view reply, Clock::time_point now) {
  if (reply.size() < 2) {
    meter_.stray();
    return;
  }
  const unsigned id = static_cast<std::uint8_t>(reply[0]) << 8 | static_cast<std::uint8_t>(reply[1]);
  const std::size_t number = id % generation_step_;
  if (number >= slots_.size() || !slots_[number].is_waiting || slots_[number].id != id) {
    meter_.stray();
    return;
  }
  Slot& slot = slots_[number];
  const std::string_view fault =
      find_fault({slot.wire.data(), slot.size}, slot.question_size, slot.expect, reply);
  if (fault.empty()) {
    meter_.received(slot.counts, now - slot.sent_at);
  } else {
    meter_.bad(slot.counts, fault);
  }
  release(slot);
}

void InFlight::give_up(Clock::time_point deadline) {
  for (Slot& slot : slots_) {
    if (slot.is_waiting && slot.sent_at < deadline) {
      meter_.lost(slot.counts);
      release(slot);
    }
  }
}

void InFlight::release(Slot& slot) {
  slot.is_waiting = false;
  free_.push_back(static_cast<std::uint16_t>(slot.id % generation_step_));
}

}  // namespace meshdns::load
