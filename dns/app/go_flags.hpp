// Flags by Go's rules, because kuma-dp and scripts call CoreDNS that way: one or two dashes, `-flag value` or
// `-flag=value`, booleans only `-flag` or `-flag=true|false`. Pure: reads nothing else, prints nothing.
#pragma once

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace meshdns::app {

// The program ends at once, having said this on stderr.
struct EarlyExit {
  int code = 0;
  std::string text;
};

struct Flag {
  std::string_view name;
  std::string_view
      value;  // what stands for the value in the usage; empty: a boolean, set to "true" or "false"
  std::string help;
  std::function<std::string(const std::string&)> set;  // the value's fault, empty if it has none
};

class FlagSet {
 public:
  // `usage` stands above the list of the flags in every usage text.
  FlagSet(std::string usage, std::vector<Flag> flags) : usage_(std::move(usage)), flags_(std::move(flags)) {}

  // Sets the flags in `arguments` and returns the other words. Go stops at the first word that is no flag;
  // with `words_anywhere` flags may follow it.
  std::expected<std::vector<std::string>, EarlyExit> parse(std::span<const char* const> arguments,
                                                           bool words_anywhere) const;

  std::unexpected<EarlyExit> bad_usage(const std::string& fault) const;

 private:
  class Reader;

  std::string usage_text() const;

  std::string usage_;
  std::vector<Flag> flags_;
};

// Setters.
std::function<std::string(const std::string&)> into(std::string& text);
std::function<std::string(const std::string&)> into(bool& boolean);

}  // namespace meshdns::app
