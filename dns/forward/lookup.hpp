// Lookup: one distinct question in flight, from pool to pool to the one outcome that its askers get.
//
// A `forward` whose outcome asks for it is followed by the next one that covers the name, then by the block's
// `alternate`. All of it ends within kDeadline: a pool that others may follow has half of what is left. Lives
// on its worker's event loop.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dns/forward/clock.hpp"
#include "dns/forward/kept_query.hpp"
#include "dns/forward/live_plan.hpp"
#include "dns/forward/outcome.hpp"
#include "dns/forward/question.hpp"
#include "dns/forward/question_in_flight.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::forward {

class Lookup {
 public:
  using OnOutcome = std::move_only_function<void(const Outcome&)>;

  // `on_outcome` is called once, later or from inside start(), and may destroy this: whoever calls finish()
  // or ask() does nothing afterwards.
  Lookup(QuestionContext& context, std::shared_ptr<LivePlan> plan, std::size_t pool,
         const wire::QueryView& query, OnOutcome on_outcome);

  void start();

  // The pool being asked has failed, with this error.
  void abort(std::string_view error);

  // It ends now, with this error.
  void cancel(std::string_view error);

  // All but who wants to know.
  QuestionInFlight look() const;

 private:
  // A place among the questions of a pool that has a max_concurrent.
  class Place {
   public:
    Place() = default;
    explicit Place(std::shared_ptr<std::atomic<std::size_t>> in_flight) : in_flight_(std::move(in_flight)) {}
    Place(Place&&) = default;
    Place& operator=(Place&& other) noexcept;
    ~Place() { leave(); }

   private:
    void leave();
    std::shared_ptr<std::atomic<std::size_t>> in_flight_;
  };

  void ask(std::size_t pool);
  void ask(std::size_t pool, Clock::time_point deadline, Question::OnOutcome on_outcome);
  void on_outcome(const Outcome& outcome);
  wire::QueryView query() const;
  std::optional<std::size_t> follower(const Outcome& outcome) const;
  bool may_hide_the_name(const Outcome& outcome) const;
  void ask_for_address(const Outcome& nxdomain);
  void finish(const Outcome& outcome);

  QuestionContext& context_;
  std::shared_ptr<LivePlan> plan_;
  KeptQuery message_;  // what is being asked, as the first asker's question makes it
  OnOutcome on_outcome_;
  Clock::time_point deadline_;
  std::size_t pool_;                         // being asked
  std::optional<std::size_t> asked_before_;  // the pool whose outcome led to an alternate
  std::uint16_t code_before_ = 0;            // ... and that outcome
  Place place_;
  std::optional<Question> question_;
};

}  // namespace meshdns::forward
