// ForwardDesk: where a query goes that nobody else here answers: to the cache, to the upstreams, or both.
//
// Of the cache it keeps the promises that take time: who asked gets a stale answer when the upstream fails or
// is silent too long, and what is popular is asked again in the background.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <boost/asio/io_context.hpp>

#include "dns/base/counters.hpp"
#include "dns/base/recycler.hpp"
#include "dns/cache/response_cache.hpp"
#include "dns/forward/forwarder.hpp"
#include "dns/server/answered.hpp"
#include "dns/server/internal_errors.hpp"
#include "dns/server/origin.hpp"
#include "dns/server/recent_replies.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/wire/message_buffer.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::server {

// Not thread-safe: one per worker, part of its QueryHandler.
class ForwardDesk {
 public:
  // `answered` is set before a response is returned or delivered.
  ForwardDesk(boost::asio::io_context& loop, unsigned worker, forward::Forwarder& forwarder,
              base::Counters& counters, InternalErrors& internal_errors, Answered& answered);
  ~ForwardDesk();

  // As QueryHandler::handle(). `exists_here`: an overlay name of the mesh, so NXDOMAIN means NODATA.
  std::size_t answer(const wire::QueryView& query, const Block& block, std::size_t pool, const Origin& origin,
                     bool exists_here, std::span<std::uint8_t> out);

  // To be called when another configuration or zone comes into force.
  void begin_generation() { ++generation_; }

  // Upstream questions being asked now. From any thread.
  std::size_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

 private:
  struct Asker;
  using AskerPtr = base::Recycler<Asker>::Pointer;
  using Cache = std::shared_ptr<const BlockCache>;

  std::size_t repeat(const wire::QueryView& query, const Block& block, const Origin& origin,
                     std::span<std::uint8_t> out);
  std::size_t answer_cached(const wire::QueryView& query, const Block& block, std::size_t pool,
                            const Origin& origin, bool exists_here, std::span<std::uint8_t> out);
  std::size_t write(const cache::Hit& hit, cache::ResponseCache& cache, const wire::QueryView& query,
                    const Origin& origin, std::span<std::uint8_t> out);

  void ask(std::size_t pool, const wire::QueryView& query, AskerPtr asker);
  void refresh(std::size_t pool, const wire::QueryView& query, const Cache& cache);
  void finish(Asker& asker, const forward::Outcome& outcome);
  void give(Asker& asker, const forward::Outcome& outcome);
  bool learn(const Cache& cache, const cache::CacheKey& key, bool is_recursive,
             const forward::Outcome& outcome);
  void give_stale_later(Asker& asker);
  bool give_usable(Asker& asker);
  void deliver(Asker& asker, std::size_t size, const Answered& answered);

  // What was learned last. All who share an outcome come one after the other, and it is stored once.
  struct Learned {
    std::uint64_t question = 0;
    const BlockCache* cache = nullptr;
    bool is_best = true;
  };

  boost::asio::io_context& loop_;
  unsigned worker_;
  forward::Forwarder& forwarder_;
  base::Counters& counters_;
  InternalErrors& internal_errors_;
  Answered& answered_;
  std::atomic<std::size_t> in_flight_ = 0;
  base::Recycler<Asker> askers_;
  wire::MessageBuffer scratch_;  // for responses that come late
  Learned learned_;
  RecentReplies recent_;
  std::uint32_t generation_ = 0;  // of what is in force
};

}  // namespace meshdns::server
