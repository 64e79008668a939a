// QueryHandler: one worker's way from a query's octets to its response's octets. Knows no sockets: whoever
// received the query says where a late response goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <meshdns/address.hpp>
#include <meshdns/log_sink.hpp>

#include "dns/answer/decide.hpp"
#include "dns/base/counters.hpp"
#include "dns/forward/forwarder.hpp"
#include "dns/server/answered.hpp"
#include "dns/server/chain_runner.hpp"
#include "dns/server/forward_desk.hpp"
#include "dns/server/internal_errors.hpp"
#include "dns/server/origin.hpp"
#include "dns/server/parked_queries.hpp"
#include "dns/server/query_meter.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/server/update_desk.hpp"
#include "dns/wire/message_buffer.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::server {

class QueryHandler {
 public:
  // `worker` is the number of the worker, from 0.
  QueryHandler(boost::asio::io_context& loop, unsigned worker, forward::Forwarder& forwarder,
               base::Counters& counters, LogSink& log);

  // `snapshot` must stay alive until the next call.
  void use(const Snapshot& snapshot) {
    snapshot_ = &snapshot;
    desk_.begin_generation();
    meter_.turn(snapshot.is_metered);
  }

  // To be told where a batch of queries begins and ends.
  QueryMeter& meter() { return meter_; }

  // Handles the queries again that wait for a mesh zone. To be called when the receivers use the new snapshot
  // too.
  void resume_parked();

  // Lets nobody wait for a mesh zone any more: it will not come.
  void give_up_parked() { parked_.close(); }
  bool has_parked() const { return !parked_.is_empty(); }
  std::size_t parked() const { return parked_.size(); }

  // For who calls it from the event loop.
  InternalErrors& internal_errors() { return internal_errors_; }

  // Writes the response into `out` and returns its size; 0: no response, or it comes later through the
  // Origin's Deliver. `out` holds at least wire::kMaxUdpQuery octets (UDP) or wire::kMaxMessageSize (TCP).
  std::size_t handle(std::span<const std::uint8_t> packet, const Router& router, const Origin& origin,
                     std::span<std::uint8_t> out);

  // What answers a query that `block` has taken, behind the steps that wrap it: the mesh zone, sources, the
  // upstreams. As handle().
  std::size_t resolve(const wire::QueryView& query, const Block& block, const Router& router,
                      const Origin& origin, std::span<std::uint8_t> out);

  // What the upstreams of this pool say, or said. As ForwardDesk::answer().
  std::size_t ask_upstreams(const wire::QueryView& query, const Block& block, std::size_t pool,
                            const Origin& origin, bool exists_here, std::span<std::uint8_t> out) {
    return desk_.answer(query, block, pool, origin, exists_here, out);
  }

  // Of the snapshot in use, by listen address as it was configured.
  const Router* router_at(const SocketAddress& listen) const;
  std::optional<SocketAddress> address_of(const Router& router) const;

  // The block that takes this name and has a mesh zone that knows something of it; null: there is none.
  const Block* mesh_block_of(std::span<const std::uint8_t> folded_qname, const Router& router) const;

  const Block* block_with(const plugin::Chain& chain) const;  // null: there is none any more

  // For who writes a response: the directive, by its name.
  void set_answered_by(std::string_view directive);

  // For who asks something else before it delivers a response: what is known of that.
  const Answered& answered() const { return answered_; }
  void set_answered(const Answered& answered) { answered_ = answered; }

  // For who answers SERVFAIL. `errors` may be null; nobody is told what has no reason.
  void note_failure(const wire::QueryView& query, ErrorLog* errors, std::string_view why);

  // What a source wants counted.
  void count(const plugin::Source& source, const plugin::Verdict& verdict, const Router& router) const;

  // Upstream questions being asked now. From any thread.
  std::size_t in_flight() const { return desk_.in_flight(); }

 private:
  class ObservedOrigin;
  using Clock = std::chrono::steady_clock;

  [[gnu::cold]] std::size_t fail_internally(std::span<const std::uint8_t> packet,
                                            std::span<std::uint8_t> out);
  std::size_t answer(const wire::QueryView& query, const Router::Route& route, const Router& router,
                     const Origin& origin, std::span<std::uint8_t> out);
  std::size_t refuse(const wire::QueryView& query, std::span<std::uint8_t> out);
  std::size_t answer_observed(const wire::QueryView& query, const Router::Route& route, const Router& router,
                              const Origin& origin, std::span<std::uint8_t> out);
  [[gnu::noinline]] std::size_t ask_others(const wire::QueryView& query, const Block& block,
                                           const Router& router, const Origin& origin, bool exists_here,
                                           std::span<std::uint8_t> out);

  [[gnu::noinline]] bool is_undecided(const wire::QueryView& query, const Block& block,
                                      const answer::Decision& decision) const;
  [[gnu::noinline]] std::size_t park(const wire::QueryView& query, const Router& router, const Origin& origin,
                                     std::span<std::uint8_t> out);
  std::size_t fail_unknown(const wire::QueryView& query, const Block* block, std::span<std::uint8_t> out);
  void give_up(ParkedQuery parked);
  void count(const answer::Decision& decision);

  base::Counters& counters_;
  LogSink& log_;
  InternalErrors internal_errors_;
  QueryMeter meter_;
  const Snapshot* snapshot_ = nullptr;
  ChainRunner chains_;
  Answered answered_;
  ForwardDesk desk_;
  UpdateDesk updates_;
  std::uint32_t rotation_ = 0;
  wire::MessageBuffer scratch_;  // for responses that come late
  ParkedQueries parked_;
};

}  // namespace meshdns::server
