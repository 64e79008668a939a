// What keeps a hostile template from taking time or memory.
#pragma once

#include <cstddef>

namespace meshdns::templates {

inline constexpr std::size_t kMaxTemplate = 64 * 1024;     // octets of a template
inline constexpr std::size_t kMaxRendered = 64 * 1024;     // octets of what is rendered, and of one printf
inline constexpr std::size_t kMaxMade = 4 * kMaxRendered;  // octets that all printf of one rendering make
inline constexpr std::size_t kMaxDepth =
    100;  // of {{if}}, and of parentheses, calls and stages of a pipeline

}  // namespace meshdns::templates
