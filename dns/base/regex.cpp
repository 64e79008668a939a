#include "dns/base/regex.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <re2/re2.h>

namespace meshdns::base {
namespace {

constexpr std::int64_t kMaxMemory = std::int64_t{1} << 20;  // of one compiled expression, its caches included

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Result<Regex> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kMaxPatternSize) {
    return fail(Errc::InvalidConfig, fmt::format("regular expression of {} characters, expected at most {}",
                                                 pattern.size(), kMaxPatternSize));
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxMemory);
  auto compiled = std::make_shared<const re2::RE2>(piece(pattern), options);
  if (!compiled->ok()) {
    return fail(Errc::InvalidConfig,
                fmt::format("invalid regular expression '{}': {}", pattern, compiled->error()));
  }
  const auto groups = static_cast<std::size_t>(compiled->NumberOfCapturingGroups());
  if (groups > kMaxGroups) {
    return fail(Errc::InvalidConfig, fmt::format("regular expression '{}' has {} groups, expected at most {}",
                                                 pattern, groups, kMaxGroups));
  }
  std::vector<std::string> names(groups + 1);
  for (const auto& [number, name] : compiled->CapturingGroupNames()) {
    names[static_cast<std::size_t>(number)] = name;
  }
  return Regex(std::move(compiled), std::move(names));
}

Regex::Regex(std::shared_ptr<const re2::RE2> compiled, std::vector<std::string> names)
    : compiled_(std::move(compiled)),
      names_(std::make_shared<const std::vector<std::string>>(std::move(names))) {}

bool Regex::matches(std::string_view text) const {
  return captures(text, {});
}

bool Regex::captures(std::string_view text, std::span<std::string_view> groups) const {
  std::array<re2::StringPiece, kMaxGroups + 1> found;
  const std::size_t wanted = std::min(groups.size(), names_->size());
  if (!compiled_->Match(piece(text), 0, text.size(), re2::RE2::UNANCHORED, found.data(),
                        static_cast<int>(wanted))) {
    return false;
  }
  std::ranges::fill(groups, std::string_view());
  for (std::size_t i = 0; i < wanted; ++i) {
    groups[i] = {found[i].data(), found[i].size()};
  }
  return true;
}

std::string_view Regex::pattern() const {
  return compiled_->pattern();
}

std::size_t Regex::group_named(std::string_view name) const {
  const auto found = name.empty() ? names_->end() : std::ranges::find(*names_, name);
  return found == names_->end() ? 0 : static_cast<std::size_t>(found - names_->begin());
}

}  // namespace meshdns::base
