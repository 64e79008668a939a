// Regex: a compiled regular expression. Its language is RE2's, which is that of Go and so that of CoreDNS;
// matching takes time linear in the text, whatever the expression.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/result.hpp>

namespace re2 {
class RE2;
}

namespace meshdns::base {

// A value; copies share what was compiled. Any number of threads may match at once.
class Regex {
 public:
  static constexpr std::size_t kMaxPatternSize = 10'000;  // CoreDNS's limit
  static constexpr std::size_t kMaxGroups = 31;

  // The error quotes the expression and says what is wrong with it.
  static Result<Regex> compile(std::string_view pattern);

  // True if the expression matches anywhere in `text`: it is anchored only where `^` and `$` say so.
  bool matches(std::string_view text) const;

  // The same, and sets `groups[n]` to what group n took of `text`, 0 being the whole match. A group that took
  // no part, or that does not exist, is empty. Groups beyond `groups` are left out. Does not allocate.
  bool captures(std::string_view text, std::span<std::string_view> groups) const;

  std::size_t group_count() const { return names_->size() - 1; }  // without group 0
  std::string_view pattern() const;

  // Index of the group `(?P<name>...)`; 0: there is none.
  std::size_t group_named(std::string_view name) const;
  // By number; empty for groups without a name.
  const std::vector<std::string>& group_names() const { return *names_; }

 private:
  Regex(std::shared_ptr<const re2::RE2> compiled, std::vector<std::string> names);

  std::shared_ptr<const re2::RE2> compiled_;
  std::shared_ptr<const std::vector<std::string>> names_;
};

}  // namespace meshdns::base
