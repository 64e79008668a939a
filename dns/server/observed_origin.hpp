// ObservedOrigin: an Origin whose response, at once or late, is seen by an observer on its way out.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "dns/server/origin.hpp"
#include "dns/server/query_log.hpp"

namespace meshdns::server {

class ObservedOrigin final : public Origin {
 public:
  using Clock = std::chrono::steady_clock;
  using Observer = std::function<void(const QueryLogEntry&)>;

  // `query` and `origin` live as long as this.
  ObservedOrigin(const Origin& origin, const wire::QueryView& query, Observer observer)
      : Origin(origin),
        origin_(origin),
        query_(query),
        observer_(std::move(observer)),
        since_(origin.received.value_or(Clock::now())) {
    progress = Progress::Observed;
    received = since_;
  }

  void see(std::span<const std::uint8_t> response) const {
    QueryLogEntry entry = seen();
    entry.response = response;
    entry.took = Clock::now() - since_;
    observer_(entry);
  }

  Deliver deliver_later() const override {
    const auto question = query_.question();
    return [entry = seen(), question = std::vector(question.begin(), question.end()), since = since_,
            observer = observer_,
            deliver = origin_.deliver_later()](std::span<const std::uint8_t> response) mutable {
      if (!response.empty()) {
        entry.question = question;
        entry.response = response;
        entry.took = Clock::now() - since;
        observer(entry);
      }
      deliver(response);
    };
  }

  SocketAddress client() const override { return origin_.client(); }

 private:
  QueryLogEntry seen() const {
    return {.client = client(),
            .is_tcp = is_tcp,
            .id = query_.id,
            .question = query_.question(),
            .edns = query_.edns,
            .query_size = query_.packet.size()};
  }

  const Origin& origin_;
  const wire::QueryView& query_;
  Observer observer_;
  Clock::time_point since_;
};

}  // namespace meshdns::server
