#include "dns/server/observed_origin.hpp"

#include <utility>
#include <vector>

namespace meshdns::server {

QueryHandler::ObservedOrigin::ObservedOrigin(QueryHandler& handler, const Origin& origin,
                                             const wire::QueryView& query, Meter* meter,
                                             std::shared_ptr<const QueryLog> log)
    : Origin(origin), handler_(handler), origin_(origin), query_(query), meter_(meter), log_(std::move(log)) {
  progress = Progress::Observed;
  if (log_ && !received) {
    received = Clock::now();
  }
}

void QueryHandler::ObservedOrigin::see(std::span<const std::uint8_t> response) const {
  const AnsweredBy by = handler_.answered_.by;
  if (meter_ != nullptr) {
    const MeteredQuery metered(query_, origin_);
    if (origin_.received) {
      handler_.meter_.answered_late(*meter_, metered, by, response, Clock::now() - *origin_.received);
    } else {
      handler_.meter_.answered(*meter_, metered, by, response);
    }
  }
  if (log_ && log_->wants(response)) {
    QueryLogEntry entry = log_entry();
    entry.response = response;
    entry.took = Clock::now() - *received;
    handler_.log_(LogLevel::Info, log_->line(entry));
  }
}

Deliver QueryHandler::ObservedOrigin::deliver_later() const {
  const auto question = query_.question();
  return [&handler = handler_, meter = meter_, metered = MeteredQuery(query_, origin_), log = log_,
          entry = log_ ? log_entry() : QueryLogEntry(),
          question = log_ ? std::vector(question.begin(), question.end()) : std::vector<std::uint8_t>(),
          since = received.value_or(Clock::now()),
          deliver = origin_.deliver_later()](std::span<const std::uint8_t> response) mutable {
    const Answered answered = handler.answered_;
    if (meter != nullptr && !response.empty()) {
      if (answered.asked_upstream) {
        handler.meter_.answered_upstream(*meter, metered, answered.by, response, Clock::now() - since,
                                         answered.has_failed);
      } else {
        handler.meter_.answered_late(*meter, metered, answered.by, response, Clock::now() - since);
      }
    }
    if (log && !response.empty() && log->wants(response)) {
      entry.question = question;
      entry.response = response;
      entry.took = Clock::now() - since;
      handler.log_(LogLevel::Info, log->line(entry));
    }
    deliver(response);
  };
}

QueryLogEntry QueryHandler::ObservedOrigin::log_entry() const {
  return {.client = client(),
          .local = local(),
          .is_tcp = is_tcp,
          .id = query_.id,
          .flags = query_.flags,
          .question = query_.question(),
          .edns = query_.edns,
          .query_size = query_.packet.size()};
}

}  // namespace meshdns::server
