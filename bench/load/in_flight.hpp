// InFlight: the queries of one socket that wait for their replies, and the judge of those replies.
//
// An id is a slot's number plus a generation, so a reply finds its query without a search and a late one is
// recognised as such. Borrows the source and the meter, which must outlive it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/load/meter.hpp"
#include "bench/load/query_list.hpp"

namespace meshdns::load {

class InFlight {
 public:
  static constexpr std::size_t kMaxCapacity = 16384;  // leaves four generations

  InFlight(QuerySource& source, Meter& meter, std::size_t capacity);

  bool is_full() const { return free_.empty(); }
  bool is_empty() const { return free_.size() == slots_.size(); }

  /// The next query, with its id, valid until it is settled. REQUIRES: !is_full().
  std::string_view take(Clock::time_point now);

  /// Books a reply.
  void settle(std::string_view reply, Clock::time_point now);

  /// Books as lost whatever was sent before `deadline`.
  void give_up(Clock::time_point deadline = Clock::time_point::max());

 private:
  struct Slot {
    Clock::time_point sent_at;
    std::uint16_t id = 0;
    std::uint16_t size = 0;
    std::uint16_t question_size = 0;
    Expect expect = Expect::AnyAnswer;
    bool is_waiting = false;
    bool counts = false;
    std::array<char, kMaxQuerySize> wire;
  };

  void release(Slot& slot);

  QuerySource& source_;
  Meter& meter_;
  std::vector<Slot> slots_;
  std::vector<std::uint16_t> free_;
  unsigned generation_step_;  // a power of two, not below the number of slots
};

}  // namespace meshdns::load
