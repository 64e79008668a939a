#include "dns/app/text_table.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace meshdns::app {
namespace {

constexpr std::size_t kWidestColumn = 48;

}  // namespace

std::string TextTable::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size() <= kWidestColumn ? row[i].size() : 0);
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      fmt::format_to(std::back_inserter(text), "{:<{}}  ", row[i], widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace meshdns::app
