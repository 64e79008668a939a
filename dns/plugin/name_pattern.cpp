#include "dns/plugin/name_pattern.hpp"

#include <array>
#include <charconv>
#include <span>

namespace meshdns::plugin {
namespace {

using Groups = std::array<std::string_view, base::Regex::kMaxGroups + 1>;

// `{n}` becomes what group n took, if the expression has one.
std::string expand(std::string_view replacement, std::span<const std::string_view> groups) {
  std::string out;
  while (!replacement.empty()) {
    std::size_t group = groups.size();
    std::size_t size = 1;
    if (const std::size_t close = replacement.find('}');
        replacement[0] == '{' && close != std::string_view::npos) {
      const char* const last = replacement.data() + close;
      const auto [end, failed] = std::from_chars(replacement.data() + 1, last, group);
      if (failed != std::errc() || end != last) {
        group = groups.size();
      } else {
        size = close + 1;
      }
    }
    out += group < groups.size() ? groups[group] : replacement.substr(0, size);
    replacement.remove_prefix(size);
  }
  return out;
}

std::string replace_all(std::string_view text, std::string_view part, std::string_view replacement) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t found = text.find(part); found != std::string_view::npos; found = text.find(part, at)) {
    out += text.substr(at, found - at);
    out += replacement;
    at = found + part.size();
  }
  out += text.substr(at);
  return out;
}

}  // namespace

Result<NamePattern> NamePattern::make(const NameMatch& match) {
  NamePattern pattern(match);
  if (match.kind == NameMatch::Kind::Regex) {
    auto regex = base::Regex::compile(match.text);
    if (!regex) {
      return std::unexpected(std::move(regex.error()));
    }
    pattern.regex_ = *std::move(regex);
  }
  return pattern;
}

bool NamePattern::matches(std::string_view name) const {
  switch (match_.kind) {
    case NameMatch::Kind::Exact:
      return name == match_.text;
    case NameMatch::Kind::Prefix:
      return name.starts_with(match_.text);
    case NameMatch::Kind::Suffix:
      return name.ends_with(match_.text);
    case NameMatch::Kind::Substring:
      return !match_.text.empty() && name.contains(match_.text);
    case NameMatch::Kind::Regex:
      return regex_->matches(name);
  }
  return false;
}

std::optional<std::string> NamePattern::replaced(std::string_view name, std::string_view replacement) const {
  if (match_.kind == NameMatch::Kind::Regex) {
    Groups groups;
    return regex_->captures(name, groups)
               ? std::optional(expand(replacement, std::span(groups).first(regex_->group_count() + 1)))
               : std::nullopt;
  }
  if (!matches(name)) {
    return std::nullopt;
  }
  switch (match_.kind) {
    case NameMatch::Kind::Prefix:
      return std::string(replacement) + std::string(name.substr(match_.text.size()));
    case NameMatch::Kind::Suffix:
      return std::string(name.substr(0, name.size() - match_.text.size())) + std::string(replacement);
    case NameMatch::Kind::Substring:
      return replace_all(name, match_.text, replacement);
    default:
      return std::string(replacement);
  }
}

std::optional<std::string> NameMapping::map(std::string_view name) const {
  return std::visit([name](const auto& way) { return map(way, name); }, way_);
}

std::optional<std::string> NameMapping::map(const Tree& way, std::string_view name) {
  if (!name.ends_with(way.from)) {
    return std::nullopt;
  }
  const std::string_view labels = name.substr(0, name.size() - way.from.size());
  return labels.empty() || labels.ends_with('.') ? std::optional(std::string(labels) + way.to) : std::nullopt;
}

std::optional<std::string> NameMapping::map(const Suffix& way, std::string_view name) {
  return name.ends_with(way.from)
             ? std::optional(std::string(name.substr(0, name.size() - way.from.size())) + way.to)
             : std::nullopt;
}

std::optional<std::string> NameMapping::map(const Pattern& way, std::string_view name) {
  return way.pattern.replaced(name, way.replacement);
}

}  // namespace meshdns::plugin
