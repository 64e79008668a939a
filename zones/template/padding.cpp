#include "zones/template/padding.hpp"

#include <algorithm>

#include "zones/template/utf8.hpp"

namespace meshdns::templates {

void pad(std::string& out, std::string_view text, const Directive& directive) {
  const auto width = static_cast<std::size_t>(directive.width.value_or(0));
  const std::size_t runes = width == 0 ? 0 : rune_count(text);
  const std::size_t missing = std::max(width, runes) - runes;
  if (directive.minus) {
    out.append(text).append(missing, ' ');
  } else {
    out.append(missing, directive.zero ? '0' : ' ').append(text);
  }
}

}  // namespace meshdns::templates
