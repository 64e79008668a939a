// ObservedOrigin: an Origin whose response, at once or late, is counted and logged on its way out. It stands
// around everything that happens to a query.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dns/server/origin.hpp"
#include "dns/server/query_handler.hpp"
#include "dns/server/query_log.hpp"
#include "dns/server/query_meter.hpp"

namespace meshdns::server {

class QueryHandler::ObservedOrigin final : public Origin {
 public:
  // `query` and `origin` live as long as this. `meter` and `log` may be null.
  ObservedOrigin(QueryHandler& handler, const Origin& origin, const wire::QueryView& query, Meter* meter,
                 std::shared_ptr<const QueryLog> log);

  // The response that was made at once.
  void see(std::span<const std::uint8_t> response) const;

  Deliver deliver_later() const override;
  SocketAddress client() const override { return origin_.client(); }
  SocketAddress local() const override { return origin_.local(); }

 private:
  QueryLogEntry log_entry() const;

  QueryHandler& handler_;
  const Origin& origin_;
  const wire::QueryView& query_;
  Meter* meter_;
  std::shared_ptr<const QueryLog> log_;
};

}  // namespace meshdns::server
