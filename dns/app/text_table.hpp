// TextTable: rows of cells as aligned columns.
#pragma once

#include <string>
#include <vector>

namespace meshdns::app {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles) { add(std::move(titles)); }

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // A cell that is longer than most pushes the rest of its row to the right, and no other row.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the titles first
};

}  // namespace meshdns::app
