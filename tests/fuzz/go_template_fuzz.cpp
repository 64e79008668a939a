// Whatever the template, compiling it ends, soon, in a program or in a one-line message with an offset inside
// it; and whatever the fields, so does rendering it, in at most 64 KiB.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "zones/template/go_template.hpp"

namespace {

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

bool is_one_line(std::string_view text) {
  return !text.empty() && !text.contains('\n');
}

}  // namespace

// The first line is the value of every field and label; the rest is the template.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), size);
  const std::string_view value = input.substr(0, line);
  const std::string_view text = input.substr(std::min(line + 1, size));

  using meshdns::templates::GoTemplate;
  const auto made = GoTemplate::parse(text, {.has_label = true});
  if (!made) {
    require(made.error().offset <= text.size() && is_one_line(made.error().what));
    return 0;
  }
  require(made->text() == text && made->static_tail().size() <= text.size());
  const auto look_up = [value](std::string_view name) -> std::optional<std::string_view> {
    return name.starts_with('m') ? std::nullopt : std::optional(value);
  };
  const auto rendered = made->render({.field = look_up, .label = look_up});
  require(rendered ? rendered->size() <= 64 * 1024 : is_one_line(rendered.error()));
  require(!rendered || rendered->ends_with(made->static_tail()));
  return 0;
}
