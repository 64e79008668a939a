#include "bench/dns/support/counted_allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::uint64_t> counted = 0;

}  // namespace

// Once inlined, GCC takes malloc() in new and free() in delete for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t size) {
  ++counted;
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

namespace meshdns::bench {

std::uint64_t allocations() noexcept {
  return counted;
}

void report_allocations(benchmark::State& state, std::uint64_t before) {
  state.counters["allocs/op"] =
      static_cast<double>(counted - before) / static_cast<double>(state.iterations());
}

}  // namespace meshdns::bench
