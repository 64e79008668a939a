#include "zones/text/utf8_text.hpp"

#include <algorithm>

#include <boost/nowide/utf/utf.hpp>
#include <fmt/format.h>

namespace meshdns::text {

TextPosition position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<std::uint32_t>(std::ranges::count(before, '\n')) + 1,
          static_cast<std::uint32_t>(offset - line_start) + 1};
}

void refuse_binary(std::string_view text) {
  using Utf8 = boost::nowide::utf::utf_traits<char>;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const char* const start = at;
    const auto code_point = Utf8::decode(at, end);
    if (code_point != 0 && boost::nowide::utf::is_valid_codepoint(code_point)) {
      continue;
    }
    const TextPosition where = position_of(text, static_cast<std::size_t>(start - text.data()));
    if (code_point == 0) {
      throw YamlFault{where, "NUL character, expected a text file"};
    }
    throw YamlFault{where, fmt::format("octet 0x{:02x} is not UTF-8, expected a text file in UTF-8",
                                       static_cast<unsigned char>(*start))};
  }
}

}  // namespace meshdns::text
