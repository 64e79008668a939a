// Replaces operator new of the program that it is linked into by one that counts.
#pragma once

#include <cstddef>

namespace meshdns::test {

// By the calling thread, since it began.
std::size_t allocations();

}  // namespace meshdns::test
