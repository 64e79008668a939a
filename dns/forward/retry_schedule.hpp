// RetrySchedule: whom one question asks next, and when. Pure: no sockets, no clock.
//
// Silence moves on to the next upstream after 0.4 s, then more slowly; nothing that was sent is given up. An
// upstream that failed, or answered with an error, has had its say: the next one is asked at once.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

#include <boost/container/small_vector.hpp>

#include "dns/forward/upstream.hpp"

namespace meshdns::forward {

// One message to send: to which upstream of the pool, and how.
struct Ask {
  std::size_t upstream = 0;
  bool with_edns = true;

  bool operator==(const Ask&) const = default;
};

class RetrySchedule {
 public:
  struct Rules {
    bool needs_edns = false;    // the client asked for DNSSEC records, which no reply without OPT has
    unsigned max_attempts = 0;  // 0: no limit
    unsigned max_rounds = 0;    // to one upstream; 0: no limit
  };

  // `order` is not empty.
  RetrySchedule(const UpstreamOrder& order, Rules rules);

  Ask first();

  // How long to wait after the last message before on_silence(); nullopt: nothing more is sent.
  std::optional<std::chrono::milliseconds> patience() const;
  std::optional<Ask> on_silence();

  // Whom to ask instead of `ask`, which is not sent: the one with the lowest `when(upstream)` of those that
  // may be asked, of equal ones the first to be tried, of all `ask` itself.
  template <class When>
  Ask soonest(Ask ask, When when);

  // `ask` is not sent, nor anything instead of it.
  void skip(Ask ask);

  // `upstream` failed or answered with an error. Returns whom to ask at once.
  std::optional<Ask> on_failure(std::size_t upstream);

  // Everybody who was or could be asked has had their say: waiting longer brings nothing.
  bool is_over() const;

 private:
  struct Entry {
    std::size_t upstream = 0;
    unsigned asked = 0;
    bool is_over = false;  // had its say
  };

  bool may_ask() const { return rules_.max_attempts == 0 || asked_ < rules_.max_attempts; }
  bool may_ask(const Entry& entry) const {
    return !entry.is_over && (rules_.max_rounds == 0 || entry.asked < rules_.max_rounds);
  }
  Ask ask(Entry& entry, bool with_edns);

  // When nobody answers, messages leave at 0, 0.4, 0.8, 1.6 and 2.8 s; then 1.6 s are left until the
  // deadline.
  static constexpr std::array<std::chrono::milliseconds, 4> kPatience{
      std::chrono::milliseconds(400), std::chrono::milliseconds(400), std::chrono::milliseconds(800),
      std::chrono::milliseconds(1200)};
  // From this silence on without OPT: something on the way may drop what it does not know (RFC 6891 6.2.2).
  static constexpr std::size_t kPlainFrom = 3;

  boost::container::small_vector<Entry, 2> order_;
  Rules rules_;
  unsigned asked_ = 0;
  std::size_t silences_ = 0;
};

template <class When>
Ask RetrySchedule::soonest(Ask ask, When when) {
  skip(ask);
  auto best = when(ask.upstream);
  for (const Entry& entry : order_) {
    if (const auto other = when(entry.upstream); other < best && may_ask(entry)) {
      best = other;
      ask.upstream = entry.upstream;
    }
  }
  return this->ask(*std::ranges::find(order_, ask.upstream, &Entry::upstream), ask.with_edns);
}

}  // namespace meshdns::forward
