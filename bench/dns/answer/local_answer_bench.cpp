// What a local answer costs: parsing, lookup by table size, the whole way from a query's octets to its
// response's. Counters: allocations per operation (must be 0), octets of memory per name.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/dns/support/counted_allocations.hpp"
#include "bench/dns/support/sample.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::bench {
namespace {

// Made once for all benchmarks of that size.
const answer::AnswerTable& table_of(std::size_t names) {
  static std::map<std::size_t, answer::AnswerTable> tables;
  auto found = tables.find(names);
  if (found == tables.end()) {
    found = tables.emplace(names, mesh_of(names)).first;
  }
  return found->second;
}

void report(benchmark::State& state, std::uint64_t allocations_before, const answer::AnswerTable& table) {
  report_allocations(state, allocations_before);
  state.counters["octets/name"] = static_cast<double>(table.memory_octets()) /
                                  static_cast<double>(std::max<std::size_t>(table.name_count(), 1));
}

void BM_ParseQuery(benchmark::State& state) {
  const auto query = query_for(name_of(1, "mesh"));
  wire::QueryView view;
  for (auto _ : state) {
    benchmark::DoNotOptimize(wire::parse_query(query, view));
    benchmark::DoNotOptimize(view);
  }
}
BENCHMARK(BM_ParseQuery);

// Looks up names that start with `prefix`: none of the table's names does, unless it is empty.
void find(benchmark::State& state, std::string_view prefix) {
  const auto names = static_cast<std::size_t>(state.range(0));
  const answer::AnswerTable& table = table_of(names);
  std::vector<wire::QueryView> views;
  const auto packets = queries(names, "mesh", prefix);
  for (const auto& packet : packets) {
    wire::parse_query(packet, views.emplace_back());
  }
  std::size_t next = 0;
  const std::uint64_t before = allocations();
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.find(views[next++ % views.size()].folded_qname()));
  }
  report(state, before, table);
}

void BM_FindHit(benchmark::State& state) {
  find(state, "");
}
BENCHMARK(BM_FindHit)->RangeMultiplier(10)->Range(10, 1'000'000);

void BM_FindNxDomain(benchmark::State& state) {
  find(state, "absent-");
}
BENCHMARK(BM_FindNxDomain)->RangeMultiplier(100)->Range(100, 1'000'000);

void BM_ParseDecideWrite(benchmark::State& state) {
  const auto names = static_cast<std::size_t>(state.range(0));
  const answer::AnswerTable& table = table_of(names);
  const auto packets = queries(names, "mesh");
  Octets out(4096);
  std::uint32_t next = 0;
  const std::uint64_t before = allocations();
  for (auto _ : state) {
    benchmark::DoNotOptimize(answer_locally(packets[next % packets.size()], table, next, out));
    ++next;
  }
  report(state, before, table);
}
BENCHMARK(BM_ParseDecideWrite)->RangeMultiplier(10)->Range(10, 1'000'000);

}  // namespace
}  // namespace meshdns::bench
