// What an answer from the cache costs beside one from the mesh zone: the whole way from a query's octets to
// its response's, without sockets. Counter: allocations per operation (must be 0).
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <meshdns/zone.hpp>

#include "dns/answer/compile_answers.hpp"
#include "dns/answer/decide.hpp"
#include "dns/cache/response_cache.hpp"
#include "dns/wire/reply_view.hpp"

namespace {

std::atomic<std::uint64_t> allocations = 0;

}  // namespace

// Once inlined, GCC takes malloc() in new and free() in delete for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) {
    return memory;
  }
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

using namespace meshdns;
using Octets = std::vector<std::uint8_t>;

std::string name_of(std::size_t i, const std::string& zone) {
  return "service-" + std::to_string(i) + ".namespace." + zone;
}

Octets query_for(const std::string& name) {
  const DomainName parsed = *DomainName::parse(name);
  Octets query = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
  query.insert(query.end(), parsed.wire().begin(), parsed.wire().end());
  for (const int octet : {0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0}) {
    query.push_back(static_cast<std::uint8_t>(octet));
  }
  return query;
}

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

std::vector<Octets> queries(std::size_t names, const std::string& zone) {
  std::mt19937_64 random(1);
  std::vector<Octets> made;
  for (int i = 0; i < 65536; ++i) {
    made.push_back(query_for(name_of(random() % names, zone)));
  }
  return made;
}

answer::AnswerTable mesh_of(std::size_t names) {
  MeshZone zone;
  zone.owns.push_back(*DomainName::parse("mesh"));
  zone.records.resize(names);
  for (std::size_t i = 0; i < names; ++i) {
    zone.records[i].name = *DomainName::parse(name_of(i, "mesh"));
    IpAddress address;
    wire::store32(address.octets.data(), 0xF0000000U + static_cast<std::uint32_t>(i));
    zone.records[i].addresses.push_back(address);
  }
  return *answer::compile_answers(zone, 1);
}

void report(benchmark::State& state, std::uint64_t before) {
  state.counters["allocs/op"] =
      static_cast<double>(allocations - before) / static_cast<double>(state.iterations());
}

void BM_LocalAnswer(benchmark::State& state) {
  const auto names = static_cast<std::size_t>(state.range(0));
  const answer::AnswerTable mesh = mesh_of(names);
  const auto packets = queries(names, "mesh");
  Octets out(4096);
  std::size_t next = 0;
  std::uint32_t rotation = 0;
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    wire::QueryView query;
    wire::parse_query(packets[next++ % packets.size()], query);
    wire::ResponseWriter writer(query, out, wire::response_limit(query.edns, false, out.size()));
    answer::decide(query, &mesh, rotation++, writer);
    benchmark::DoNotOptimize(writer.finish());
  }
  report(state, before);
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
  const std::uint64_t before = allocations;
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
  report(state, before);
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
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    wire::QueryView query;
    wire::parse_query(packets[next % names], query);
    cache.learn(cache::CacheKey::of(query), *wire::parse_reply(replies[next++ % names]), now);
  }
  report(state, before);
}
BENCHMARK(BM_Learn)->Arg(1000)->Arg(200'000);

}  // namespace
