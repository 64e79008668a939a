// NamePattern, NameMapping: tests and changes of names as text, in lower case and with final dot.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <meshdns/result.hpp>
#include <meshdns/rewriting_options.hpp>

#include "dns/base/regex.hpp"

namespace meshdns::plugin {

class NamePattern {
 public:
  static Result<NamePattern> make(const NameMatch& match);

  bool matches(std::string_view name) const;

  // The name with `replacement` for what matches: all of it (Exact, Regex), its beginning, its end, or every
  // occurrence (Substring). Nullopt: it does not match.
  std::optional<std::string> replaced(std::string_view name, std::string_view replacement) const;

 private:
  explicit NamePattern(NameMatch match) : match_(std::move(match)) {}

  NameMatch match_;
  std::optional<base::Regex> regex_;
};

// A change of names in a response. Nullopt of map(): this name stays as it is.
class NameMapping {
 public:
  // `from` and names below it.
  static NameMapping tree(std::string from, std::string to) {
    return NameMapping(Tree{std::move(from), std::move(to)});
  }
  static NameMapping suffix(std::string from, std::string to) {
    return NameMapping(Suffix{std::move(from), std::move(to)});
  }
  static NameMapping pattern(NamePattern pattern, std::string replacement) {
    return NameMapping(Pattern{std::move(pattern), std::move(replacement)});
  }

  std::optional<std::string> map(std::string_view name) const;

 private:
  struct Tree {
    std::string from, to;
  };
  struct Suffix {
    std::string from, to;
  };
  struct Pattern {
    NamePattern pattern;
    std::string replacement;
  };
  using Way = std::variant<Tree, Suffix, Pattern>;

  explicit NameMapping(Way way) : way_(std::move(way)) {}

  static std::optional<std::string> map(const Tree& way, std::string_view name);
  static std::optional<std::string> map(const Suffix& way, std::string_view name);
  static std::optional<std::string> map(const Pattern& way, std::string_view name);

  Way way_;
};

}  // namespace meshdns::plugin
