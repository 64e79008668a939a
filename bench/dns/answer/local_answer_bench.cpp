// What a local answer costs: parsing, lookup by table size, the whole way from a query's octets to its
// response's. Counters: allocations per operation (must be 0), octets of memory per name.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <new>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <meshdns/zone.hpp>

#include "dns/answer/compile_answers.hpp"
#include "dns/answer/decide.hpp"
#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"

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

std::string name_of(std::int64_t i) {
  return "service-" + std::to_string(i) + ".namespace.mesh";
}

const answer::AnswerTable& table_of(std::int64_t names) {
  static std::map<std::int64_t, answer::AnswerTable> tables;
  auto found = tables.find(names);
  if (found == tables.end()) {
    MeshZone zone;
    zone.owns.push_back(*DomainName::parse("mesh"));
    zone.records.resize(static_cast<std::size_t>(names));
    for (std::int64_t i = 0; i < names; ++i) {
      ZoneRecord& record = zone.records[static_cast<std::size_t>(i)];
      record.name = *DomainName::parse(name_of(i));
      IpAddress address;
      wire::store32(address.octets.data(), 0xF0000000U + static_cast<std::uint32_t>(i));
      record.addresses.push_back(address);
    }
    found = tables.emplace(names, *answer::compile_answers(zone, 1)).first;
  }
  return found->second;
}

std::vector<std::uint8_t> query_for(const std::string& name, std::uint16_t type) {
  const DomainName parsed = *DomainName::parse(name);
  std::vector<std::uint8_t> query = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
  query.insert(query.end(), parsed.wire().begin(), parsed.wire().end());
  for (const int octet : {type >> 8, type & 0xFF, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0}) {
    query.push_back(static_cast<std::uint8_t>(octet));
  }
  return query;
}

// In random order, so that a large table does not sit in the cache by accident.
std::vector<std::vector<std::uint8_t>> queries(std::int64_t names, const std::string& prefix) {
  std::mt19937_64 random(1);
  std::vector<std::vector<std::uint8_t>> made;
  for (int i = 0; i < 65536; ++i) {
    made.push_back(
        query_for(prefix + name_of(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(names))),
                  wire::type::A));
  }
  return made;
}

void report(benchmark::State& state, std::uint64_t allocations_before, const answer::AnswerTable& table) {
  state.counters["allocs/op"] =
      static_cast<double>(allocations - allocations_before) / static_cast<double>(state.iterations());
  state.counters["octets/name"] = static_cast<double>(table.memory_octets()) /
                                  static_cast<double>(std::max<std::size_t>(table.name_count(), 1));
}

void BM_ParseQuery(benchmark::State& state) {
  const auto query = query_for(name_of(1), wire::type::A);
  wire::QueryView view;
  for (auto _ : state) {
    benchmark::DoNotOptimize(wire::parse_query(query, view));
    benchmark::DoNotOptimize(view);
  }
}
BENCHMARK(BM_ParseQuery);

// Looks up names that start with `prefix`: none of the table's names does, unless it is empty.
void find(benchmark::State& state, const std::string& prefix) {
  const answer::AnswerTable& table = table_of(state.range(0));
  std::vector<wire::QueryView> views;
  const auto packets = queries(state.range(0), prefix);
  for (const auto& packet : packets) {
    wire::parse_query(packet, views.emplace_back());
  }
  std::size_t next = 0;
  const std::uint64_t before = allocations;
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
  const answer::AnswerTable& table = table_of(state.range(0));
  const auto packets = queries(state.range(0), "");
  std::vector<std::uint8_t> out(4096);
  std::size_t next = 0;
  std::uint32_t rotation = 0;
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    wire::QueryView query;
    wire::parse_query(packets[next++ % packets.size()], query);
    wire::ResponseWriter writer(query, out, wire::response_limit(query.edns, false, out.size()));
    answer::decide(query, &table, rotation++, writer);
    benchmark::DoNotOptimize(writer.finish());
  }
  report(state, before, table);
}
BENCHMARK(BM_ParseDecideWrite)->RangeMultiplier(10)->Range(10, 1'000'000);

}  // namespace
