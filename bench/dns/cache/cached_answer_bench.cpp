// What an answer from the cache costs beside one from the mesh zone: the whole way from a query's octets to
// its response's, without sockets. Counter: allocations per operation (must be 0).
#include <chrono>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/dns/support/counted_allocations.hpp"
#include "bench/dns/support/sample.hpp"
#include "dns/answer/decide.hpp"
#include "dns/cache/response_cache.hpp"
#include "dns/wire/reply_view.hpp"

namespace meshdns::bench {
namespace {

// An upstream's reply with `count` addresses.
Octets reply_for(const Octets& query, std::uint8_t count) {
  Octets reply(query.begin(), query.end() - 11);
  reply[2] = 0x81;
  reply[3] = 0x80;
  reply[7] = count;
  reply[11] = 0;
  for (std::uint8_t i = 0; i < count; ++i) {
    const Octets record = {0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 10, 0, 0, i};
    reply.insert(reply.end(), record.begin(), record.end());
  }
  return reply;
}

void BM_LocalAnswer(benchmark::State& state) {
  const auto names = static_cast<std::size_t>(state.range(0));
  const answer::AnswerTable mesh = mesh_of(names);
  const auto packets = queries(names, "mesh");
  Octets out(4096);
  std::uint32_t next = 0;
  const std::uint64_t before = allocations();
  for (auto _ : state) {
    benchmark::DoNotOptimize(answer_locally(packets[next % packets.size()], mesh, next, out));
    ++next;
  }
  report_allocations(state, before);
}
BENCHMARK(BM_LocalAnswer)->Arg(100)->Arg(10'000);

// `mesh` may be null.
void answer_from_cache(benchmark::State& state, const answer::AnswerTable* mesh, std::uint8_t addresses) {
  const auto names = static_cast<std::size_t>(state.range(0));
  cache::CacheCounters counters;
  cache::ResponseCache cache(CacheOptions{}, 1, counters);
  const cache::TimePoint start(std::chrono::hours(24));
  for (std::size_t i = 0; i < names; ++i) {
    const Octets packet = query_for(name_of(i, "corp"));
    wire::QueryView query;
    wire::parse_query(packet, query);
    const Octets reply = reply_for(packet, addresses);
    cache.learn(cache::CacheKey::of(query), *wire::parse_reply(reply), start);
  }
  const auto packets = queries(names, "corp");
  const cache::TimePoint now = start + std::chrono::seconds(7);
  Octets out(4096);
  std::size_t next = 0;
  std::uint32_t rotation = 0;
  std::uint64_t missed = 0;
  const std::uint64_t before = allocations();
  for (auto _ : state) {
    wire::QueryView query;
    wire::parse_query(packets[next++ % packets.size()], query);
    wire::ResponseWriter writer(query, out, wire::response_limit(query.edns, false, out.size()));
    answer::decide(query, mesh, rotation++, writer);
    const cache::Hit hit = cache.find(cache::CacheKey::of(query), now);
    if (hit.verdict != cache::Verdict::Fresh || !cache.write(hit, writer)) {
      ++missed;
      continue;
    }
    benchmark::DoNotOptimize(writer.finish());
  }
  report_allocations(state, before);
  if (missed != 0) {
    state.SkipWithError("not all names are in the cache");
  }
}

void BM_CachedAnswer(benchmark::State& state) {
  answer_from_cache(state, nullptr, 1);
}
BENCHMARK(BM_CachedAnswer)->Arg(100)->Arg(10'000);

void BM_CachedAnswerBehindAMesh(benchmark::State& state) {
  const answer::AnswerTable mesh = mesh_of(1000);
  answer_from_cache(state, &mesh, 1);
}
BENCHMARK(BM_CachedAnswerBehindAMesh)->Arg(100)->Arg(10'000);

void BM_CachedAnswerOfFour(benchmark::State& state) {
  answer_from_cache(state, nullptr, 4);
}
BENCHMARK(BM_CachedAnswerOfFour)->Arg(100);

// What it costs to take a reply in, when nothing has to go for it and when something has.
void BM_Learn(benchmark::State& state) {
  const auto names = static_cast<std::size_t>(state.range(0));
  cache::CacheCounters counters;
  cache::ResponseCache cache(CacheOptions{}, 1, counters);
  const cache::TimePoint now(std::chrono::hours(24));
  std::vector<Octets> packets;
  std::vector<Octets> replies;
  for (std::size_t i = 0; i < names; ++i) {
    packets.push_back(query_for(name_of(i, "corp")));
    replies.push_back(reply_for(packets.back(), 1));
  }
  std::size_t next = 0;
  const std::uint64_t before = allocations();
  for (auto _ : state) {
    wire::QueryView query;
    wire::parse_query(packets[next % names], query);
    cache.learn(cache::CacheKey::of(query), *wire::parse_reply(replies[next++ % names]), now);
  }
  report_allocations(state, before);
}
BENCHMARK(BM_Learn)->Arg(1000)->Arg(200'000);

}  // namespace
}  // namespace meshdns::bench
