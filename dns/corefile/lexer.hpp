// tokenize(): Corefile text to words, each with its file and line.
//
// A word is what stands between blanks, or between double quotes when it begins with one (`\"` is the only
// escape).
// `#` begins a comment, even inside an unquoted word. Nothing is interpreted here: braces are words like
// others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/result.hpp>

namespace meshdns::corefile {

// A file that tokens come from.
struct Source {
  std::string name;              // in messages
  std::filesystem::path folder;  // relative imports start here; empty: the current folder
};

struct Token {
  std::string text;
  std::shared_ptr<const Source> source;
  std::uint32_t line = 0;    // where it begins, from 1
  bool starts_line = false;  // no other token before it on its line
};

Result<std::vector<Token>> tokenize(std::string_view text, const std::shared_ptr<const Source>& source);

}  // namespace meshdns::corefile
