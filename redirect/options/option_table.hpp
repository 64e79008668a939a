// Every option is one row: its flag, its place in the configuration document, its meaning and how it is set.
// Flags, environment and documents all go through the rows, so no way of saying something differs from
// another.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "redirect/options/options.hpp"
#include "redirect/options/values.hpp"

namespace meshdns::redirect {

struct OptionRow {
  enum class Kind : std::uint8_t {
    Switch,  // a flag that needs no value
    Single,  // the last one counts
    List,    // may be said several times
  };

  std::string_view flag;  // empty: document and environment only
  std::string_view path;  // in the document, keys joined by dots; empty: flag only
  Kind kind = Kind::Single;
  std::string_view value;     // what stands for the value in the usage
  std::string_view fallback;  // the default, in words
  std::string_view help;      // empty: deprecated, not shown
  std::string_view instead;   // what to use in its place, for a warning; only where deprecated
  Value<void> (*set)(Options& options, const std::vector<std::string>& values) = nullptr;
};

std::span<const OptionRow> option_table();

// KUMA_TRANSPARENT_PROXY_REDIRECT_DNS_CAPTURE_ALL for `redirect.dns.captureAll`.
std::string environment_name(std::string_view path);

// What can only be judged when everything was said.
Result<void> check(const Options& options);

}  // namespace meshdns::redirect
