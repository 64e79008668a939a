#include <fmt/format.h>

#include "redirect/options/option_table.hpp"
#include "redirect/options/sources.hpp"

namespace meshdns::redirect {
namespace {

std::vector<std::string> words(const OptionRow& row, std::string_view text) {
  if (row.kind != OptionRow::Kind::List) {
    return {std::string(text)};
  }
  std::vector<std::string> found;
  for (const std::string_view piece : pieces(text, text.contains(';') ? ';' : ',')) {
    found.emplace_back(piece);
  }
  return found;
}

}  // namespace

Result<void> apply_environment(Options& options, const std::function<const char*(const char*)>& get) {
  for (const OptionRow& row : option_table()) {
    if (row.path.empty()) {
      continue;
    }
    const std::string name = environment_name(row.path);
    const char* text = get(name.c_str());
    if (text == nullptr || *text == '\0') {
      continue;
    }
    if (const auto done = row.set(options, words(row, text)); !done) {
      return fail(Errc::InvalidConfig, fmt::format("{}: {}", name, done.error()));
    }
  }
  return {};
}

}  // namespace meshdns::redirect
