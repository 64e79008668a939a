// Replaces operator new of the program that links it with one that counts.
#pragma once

#include <cstdint>

#include <benchmark/benchmark.h>

namespace meshdns::bench {

// Since the program's start, over all threads.
std::uint64_t allocations() noexcept;

// Sets the counter "allocs/op" to what was allocated per iteration since `before`.
void report_allocations(benchmark::State& state, std::uint64_t before);

}  // namespace meshdns::bench
