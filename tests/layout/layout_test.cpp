// The rules of this house that a compiler does not check: which way includes point, and where libraries may
// be seen.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = MESHDNS_SOURCE_DIR;

struct Include {
  std::string file;  // from the root
  int line = 0;
  std::string header;
  bool is_quoted = false;
};

// "key: value value" lines.
std::map<std::string, std::vector<std::string>> read_table(const fs::path& path) {
  std::map<std::string, std::vector<std::string>> table;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') {
      continue;
    }
    const auto colon = line.find(':');
    auto& values = table[line.substr(0, colon)];
    std::istringstream rest(line.substr(colon + 1));
    for (std::string value; rest >> value;) {
      values.push_back(value);
    }
  }
  return table;
}

std::vector<std::string> source_files() {
  std::vector<std::string> files;
  for (const char* folder : {"include", "zones", "dns", "redirect"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string extension = entry.path().extension();
      if (extension == ".hpp" || extension == ".cpp" || extension == ".h") {
        files.push_back(fs::relative(entry.path(), kRoot));
      }
    }
  }
  std::ranges::sort(files);
  return files;
}

std::vector<Include> includes() {
  static const std::regex kInclude(R"(^#include ([<"])([^>"]+)[>"])");
  std::vector<Include> found;
  for (const std::string& name : source_files()) {
    std::ifstream file(kRoot / name);
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      std::smatch match;
      if (std::regex_search(line, match, kInclude)) {
        found.push_back({name, number, match[2], match[1] == "\""});
      }
    }
  }
  return found;
}

bool is_in(const std::string& path, const std::string& folder) {
  return path.starts_with(folder + "/");
}

// The room that a path lies in: the longest one that contains it.
std::string room_of(const std::map<std::string, std::vector<std::string>>& rooms, const std::string& path) {
  std::string best;
  for (const auto& [room, ignored] : rooms) {
    if (is_in(path, room) && room.size() > best.size()) {
      best = room;
    }
  }
  return best;
}

TEST(Layout, IncludesPointOnlyWhereTheTableOfRoomsAllows) {
  const auto rooms = read_table(kRoot / "tests/layout/layers.txt");
  ASSERT_FALSE(rooms.empty());
  for (const Include& include : includes()) {
    if (!include.is_quoted) {
      continue;
    }
    const std::string from = room_of(rooms, include.file);
    const std::string to = room_of(rooms, include.header);
    ASSERT_FALSE(from.empty()) << include.file << " lies in no room of layers.txt";
    EXPECT_FALSE(to.empty()) << fmt::format("{}:{}: \"{}\" is not a path from the root", include.file,
                                            include.line, include.header);
    const auto& allowed = rooms.at(from);
    EXPECT_TRUE(from == to || std::ranges::find(allowed, to) != allowed.end())
        << fmt::format("{}:{}: {} may not include {}", include.file, include.line, from, to);
  }
}

TEST(Layout, LibrariesAreSeenOnlyInTheirAdapters) {
  const auto libraries = read_table(kRoot / "tests/layout/libraries.txt");
  ASSERT_FALSE(libraries.empty());
  for (const Include& include : includes()) {
    for (const auto& [prefix, places] : libraries) {
      if (include.header.starts_with(prefix)) {
        EXPECT_TRUE(
            std::ranges::any_of(places, [&](const auto& place) { return include.file.starts_with(place); }))
            << fmt::format("{}:{}: <{}> belongs in {}", include.file, include.line, include.header,
                           fmt::join(places, ", "));
      }
    }
  }
}

TEST(Layout, PublicHeadersShowNoLibrary) {
  for (const Include& include : includes()) {
    if (is_in(include.file, "include")) {
      EXPECT_TRUE(include.header.starts_with("meshdns/") || include.header.find('/') == std::string::npos)
          << fmt::format("{}:{}: <{}>", include.file, include.line, include.header);
      EXPECT_FALSE(include.is_quoted) << include.file;
    }
  }
}

TEST(Layout, EverySourceFileHoldsOneIdea) {
  for (const std::string& name : source_files()) {
    std::ifstream file(kRoot / name);
    const auto lines = std::count(std::istreambuf_iterator<char>(file), {}, '\n');
    EXPECT_LE(lines, 500) << name << ": look for the second noun";
  }
}

TEST(Layout, EveryRoomSaysWhatItIsFor) {
  for (const auto& [room, ignored] : read_table(kRoot / "tests/layout/layers.txt")) {
    if (room != "include" && room != "redirect/app") {
      EXPECT_TRUE(fs::exists(kRoot / room / "README.md")) << room;
    }
  }
}

}  // namespace
