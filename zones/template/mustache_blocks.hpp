// MustacheBlock: a part of a text that has tags, checked, so that the library that renders it finds nothing
// wrong.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace meshdns::templates {

// Whole lines, and whole sections.
struct MustacheBlock {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t variables = 0;  // tags that render something
};

// In the order of the text; between them is text without tags. Throws TemplateFault.
std::vector<MustacheBlock> mustache_blocks(std::string_view text);

}  // namespace meshdns::templates
