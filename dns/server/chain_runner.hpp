// ChainRunner: takes a query through the steps of a block's Chain. What comes in between, the mesh zone and
// the upstreams, is the QueryHandler's.
//
// Steps that wrap the rest may have to wait for it, so they are written in continuation style: whoever has a
// response calls Deliver with it, in the same call or later.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "dns/plugin/chain.hpp"
#include "dns/server/origin.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::server {

class QueryHandler;

// Not thread-safe: one per worker, part of its QueryHandler.
class ChainRunner {
 public:
  ChainRunner(QueryHandler& handler, boost::asio::io_context& loop) : handler_(handler), loop_(loop) {}

  // For a block whose chain wraps: as QueryHandler::handle().
  std::size_t run(const wire::QueryView& query, const Block& block, const Router& router,
                  const Origin& origin, std::span<std::uint8_t> out);

  // Asks these sources of the block in turn. Nullopt: all of them pass. Else as QueryHandler::handle().
  std::optional<std::size_t> ask(const plugin::Sources& sources, const wire::QueryView& query,
                                 const Block& block, const Router& router, const Origin& origin,
                                 std::span<std::uint8_t> out);

  // What the upstreams of this pool say, without what the block's AddressFilter hides. As
  // QueryHandler::handle().
  std::size_t filter(const wire::QueryView& query, const Block& block, std::size_t pool, bool exists_here,
                     const Router& router, const Origin& origin, std::span<std::uint8_t> out);

 private:
  struct Asked;  // what a step that waits keeps of the client's query
  Asked what_is_kept_of(const Origin& origin, const Router& router) const;
  class OwnOrigin;

  // One after the other, each around the next.
  void begin(const wire::QueryView& query, const Block& block, const Router& router, const Asked& asked,
             Deliver deliver);
  // By the rewriters from `step` on.
  void rewrite(const wire::QueryView& query, const Block& block, std::size_t step, const Router& router,
               const Asked& asked, Deliver deliver);
  void synthesize(const wire::QueryView& query, const Block& block, const Router& router, const Asked& asked,
                  Deliver deliver);
  void resolve(const wire::QueryView& query, const Block& block, const Router& router, const Asked& asked,
               Deliver deliver);

  // Another query of the block with this chain. As ask_ourselves(); a block that is no more cannot be asked.
  void ask_again(std::span<const std::uint8_t> packet, const plugin::Chain& chain, Asked asked,
                 Deliver deliver);

  // A query of our own, as if it had come in where the client's did. `deliver` gets an empty response if it
  // cannot be asked.
  void ask_ourselves(std::span<const std::uint8_t> query, const Asked& asked, Progress progress,
                     Deliver deliver);

  // What `deliver` gets instead if there is no response within the limit.
  using MakeLate = std::move_only_function<std::vector<std::uint8_t>()>;
  Deliver in_time(std::chrono::milliseconds limit, Deliver deliver, MakeLate make_late);

  using Errors = std::shared_ptr<ErrorLog>;

  // The response to a query that a directive made fail, once it was told of.
  std::vector<std::uint8_t> failure(std::span<const std::uint8_t> packet, const Errors& errors,
                                    std::string_view why);

  QueryHandler& handler_;
  boost::asio::io_context& loop_;
};

}  // namespace meshdns::server
