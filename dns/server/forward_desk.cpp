#include "dns/server/forward_desk.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/container/small_vector.hpp>

#include "dns/base/coarse_clock.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::server {

// What is kept of a query while it is forwarded.
struct ForwardDesk::Asker {
  // How long it waits for the upstreams before it gets a stale answer.
  struct Patience {
    boost::asio::steady_timer timer;
    Asker& asker;
  };

  Asker(const wire::QueryView& query, const Block& of_block, const Origin& origin, std::uint32_t in_force,
        bool is_known_here)
      : deliver(origin.deliver_later()),
        client(origin.client()),
        block(origin.is_tcp ? nullptr : &of_block),
        generation(in_force),
        question(query.question().begin(), query.question().end()),
        id(query.id),
        flags(query.flags),
        edns(query.edns),
        limit(origin.limit(query.edns)),
        errors(of_block.errors),
        exists_here(is_known_here) {}

  Deliver deliver;  // empty: it has its response
  SocketAddress client;
  const Block* block;  // for comparison alone; null: over TCP nothing is sent twice
  std::uint32_t generation;
  boost::container::small_vector<std::uint8_t, 64> question;  // octets; most names are short
  std::uint16_t id;
  std::uint16_t flags;
  wire::Edns edns;
  std::size_t limit;                 // octets
  std::shared_ptr<ErrorLog> errors;  // null: errors are not logged
  bool exists_here;
  Cache cache;                         // null: nothing is kept of it
  std::uint64_t key_question = 0;      // of its key there
  std::shared_ptr<Patience> patience;  // null: there is nothing stale to give

  // Made again when it is needed: thousands may wait, and a key has room for the longest name.
  cache::KeptKey key() const {
    return cache::KeptKey(std::span(question).first(question.size() - 4), key_question);
  }
  wire::AskerView view() const { return {id, flags, edns, question}; }
  RepeatedQuery as_repeated() const { return {client, block, generation, id, flags, edns, limit, question}; }
};

namespace {

bool is_recursive(std::uint16_t flags) {
  return (flags & wire::flag::RD) != 0;
}

std::uint16_t rcode_here(std::uint16_t rcode, bool exists_here) {
  return exists_here && rcode == wire::rcode::NXDomain ? wire::rcode::NoError : rcode;
}

}  // namespace

ForwardDesk::ForwardDesk(boost::asio::io_context& loop, unsigned worker, forward::Forwarder& forwarder,
                         base::Counters& counters, InternalErrors& internal_errors, Answered& answered)
    : loop_(loop),
      worker_(worker),
      forwarder_(forwarder),
      counters_(counters),
      internal_errors_(internal_errors),
      answered_(answered) {}

ForwardDesk::~ForwardDesk() = default;

std::size_t ForwardDesk::answer(const wire::QueryView& query, const Block& block, std::size_t pool,
                                const Origin& origin, bool exists_here, std::span<std::uint8_t> out) {
  if (block.cache && block.cache->of_worker(worker_).covers(query.folded_qname())) {
    return answer_cached(query, block, pool, origin, exists_here, out);
  }
  if (const std::size_t size = repeat(query, block, origin, out)) {
    return size;
  }
  ask(pool, query, askers_.make(query, block, origin, generation_, exists_here));
  return 0;
}

// What the client was told when it sent the same before; 0: it did not lately.
std::size_t ForwardDesk::repeat(const wire::QueryView& query, const Block& block, const Origin& origin,
                                std::span<std::uint8_t> out) {
  if (origin.is_tcp || recent_.is_empty()) {
    return 0;
  }
  const auto response = recent_.find({origin.client(), &block, generation_, query.id, query.flags, query.edns,
                                      origin.limit(query.edns), query.question()},
                                     base::coarse_now());
  if (!response.empty()) {
    counters_.repeated.add();
    answered_ = {.by = AnsweredBy::Forward};
    std::ranges::copy(response, out.begin());
  }
  return response.size();
}

std::size_t ForwardDesk::answer_cached(const wire::QueryView& query, const Block& block, std::size_t pool,
                                       const Origin& origin, bool exists_here, std::span<std::uint8_t> out) {
  cache::ResponseCache& cache = block.cache->of_worker(worker_);
  const cache::CacheKey key = cache::CacheKey::of(query);
  cache::Hit hit = cache.find(key, base::coarse_now());
  const bool is_stale = hit.verdict == cache::Verdict::Stale;
  if (hit.verdict == cache::Verdict::Miss ||
      (is_stale && hit.must_ask && cache.options().stale->asks_first)) {
    if (const std::size_t size = is_stale ? 0 : repeat(query, block, origin, out)) {
      return size;
    }
    auto asker = askers_.make(query, block, origin, generation_, exists_here);
    asker->cache = block.cache;
    asker->key_question = key.question;
    if (is_stale) {
      give_stale_later(*asker);
    }
    ask(pool, query, std::move(asker));
    return 0;
  }
  hit.rcode = rcode_here(hit.rcode, exists_here);
  const std::size_t size = write(hit, cache, query, origin, out);
  if (hit.must_ask) {
    refresh(pool, query, block.cache);
  }
  answered_ = {.by = AnsweredBy::Cache};
  return size;
}

std::size_t ForwardDesk::write(const cache::Hit& hit, cache::ResponseCache& cache,
                               const wire::QueryView& query, const Origin& origin,
                               std::span<std::uint8_t> out) {
  if (hit.rcode == wire::rcode::ServFail) {
    counters_.servfail.add();
  }
  const std::size_t limit = origin.limit(query.edns);
  wire::ResponseWriter writer(query, out, limit);
  if (cache.write(hit, writer)) {
    return writer.finish();
  }
  counters_.truncated.add();
  return cache.write(hit, {query.id, query.flags, query.edns, query.question()}, out, limit);
}

void ForwardDesk::ask(std::size_t pool, const wire::QueryView& query, AskerPtr asker) {
  const IpAddress client = asker->client.ip;
  forwarder_.submit(pool, query, client, [this, asker = std::move(asker)](const forward::Outcome& outcome) {
    finish(*asker, outcome);
  });
  in_flight_.store(forwarder_.in_flight(), std::memory_order_relaxed);
}

// For the cache alone.
void ForwardDesk::refresh(std::size_t pool, const wire::QueryView& query, const Cache& cache) {
  forwarder_.submit(pool, query, IpAddress(),
                    [this, cache, key = cache::KeptKey(cache::CacheKey::of(query)),
                     flags = query.flags](const forward::Outcome& outcome) {
                      in_flight_.store(forwarder_.in_flight(), std::memory_order_relaxed);
                      learn(cache, key.view(), is_recursive(flags), outcome);
                    });
  in_flight_.store(forwarder_.in_flight(), std::memory_order_relaxed);
}

// Others may wait for the same outcome: what throws here is not to keep it from them.
void ForwardDesk::finish(Asker& asker, const forward::Outcome& outcome) {
  try {
    give(asker, outcome);
  } catch (...) {
    internal_errors_.report();
  }
}

void ForwardDesk::give(Asker& asker, const forward::Outcome& outcome) {
  in_flight_.store(forwarder_.in_flight(), std::memory_order_relaxed);
  asker.patience.reset();
  if (asker.cache) {
    const bool is_best = learn(asker.cache, asker.key().view(), is_recursive(asker.flags), outcome);
    if (!asker.deliver || (!is_best && give_usable(asker))) {
      return;
    }
  }
  std::size_t size = 0;
  if (outcome.reply) {
    wire::ReplyView reply = *outcome.reply;
    reply.extended_rcode = rcode_here(reply.extended_rcode, asker.exists_here);
    size = wire::write_forwarded(asker.view(), reply, scratch_.span(), asker.limit);
  }
  const bool has_failed = size == 0;
  if (has_failed) {
    const std::uint16_t rcode = outcome.reply ? wire::rcode::ServFail : outcome.rcode;
    (rcode == wire::rcode::Refused ? counters_.refused : counters_.servfail).add();
    size = wire::write_error(asker.view(), rcode, scratch_.span());
    if (asker.errors) {
      const std::span<const std::uint8_t> question = asker.question;
      const std::size_t name_size = question.size() - 4;
      asker.errors->report(rcode, question.first(name_size), wire::load16(&question[name_size]),
                           outcome.error.empty() ? "unusable reply" : outcome.error);
    }
  }
  if (asker.block != nullptr && !has_failed && outcome.code() != wire::rcode::ServFail) {
    recent_.keep(asker.as_repeated(), scratch_.span().first(size), base::coarse_now());
  }
  deliver(asker, size,
          {.by = has_failed ? AnsweredBy::Server : AnsweredBy::Forward,
           .asked_upstream = true,
           .has_failed = has_failed});
}

// As ResponseCache::learn(). What an upstream says to who does not ask for recursion is no answer to others.
bool ForwardDesk::learn(const Cache& cache, const cache::CacheKey& key, bool is_recursive,
                        const forward::Outcome& outcome) {
  if (outcome.question != 0 && learned_.question == outcome.question && learned_.cache == cache.get()) {
    return learned_.is_best;
  }
  cache::ResponseCache& kept = cache->of_worker(worker_);
  const bool is_best = outcome.reply ? !is_recursive || kept.learn(key, *outcome.reply, base::coarse_now())
                                     : kept.learn_failure(key, outcome.rcode, base::coarse_now());
  learned_ = {outcome.question, cache.get(), is_best};
  return is_best;
}

// RFC 8767 5: who has waited long enough gets the stale answer. The upstream's reply is still welcome.
void ForwardDesk::give_stale_later(Asker& asker) {
  const auto wait = asker.cache->of_worker(worker_).options().stale->wait;
  asker.patience = std::make_shared<Asker::Patience>(boost::asio::steady_timer(loop_, wait), asker);
  asker.patience->timer.async_wait(
      [this, weak = std::weak_ptr(asker.patience)](const boost::system::error_code& cancelled) {
        const auto patience = weak.lock();
        if (cancelled || !patience || !patience->asker.deliver) {
          return;
        }
        Asker& waiting = patience->asker;
        waiting.cache->of_worker(worker_).hold_off(waiting.key().view(), base::coarse_now());
        give_usable(waiting);
      });
}

// False: there is nothing usable in the cache (any more).
bool ForwardDesk::give_usable(Asker& asker) {
  cache::ResponseCache& cache = asker.cache->of_worker(worker_);
  cache::Hit hit = cache.usable(asker.key().view(), base::coarse_now());
  if (hit.verdict == cache::Verdict::Miss) {
    return false;
  }
  hit.rcode = rcode_here(hit.rcode, asker.exists_here);
  deliver(asker, cache.write(hit, asker.view(), scratch_.span(), asker.limit), {.by = AnsweredBy::Cache});
  return true;
}

void ForwardDesk::deliver(Asker& asker, std::size_t size, const Answered& answered) {
  answered_ = answered;
  std::exchange(asker.deliver, nullptr)(scratch_.span().first(size));
}

}  // namespace meshdns::server
