#include "dns/corefile/rewrite_rule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <meshdns/domain_name.hpp>

#include "dns/base/regex.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/lower_case.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::corefile {
namespace {

using Subject = RewriteOptions::Subject;
using Words = std::span<const Token>;

constexpr std::uint32_t kMaxTtl = 2'147'483'647;  // RFC 2181 8

std::string absolute(const std::string& name) {
  return name.ends_with('.') ? lower_case(name) : lower_case(name) + ".";
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<NameMatch::Kind> kind_of(const std::string& word) {
  using enum NameMatch::Kind;
  using Named = std::pair<std::string_view, NameMatch::Kind>;
  constexpr std::array kKinds = {Named{"exact", Exact}, Named{"prefix", Prefix}, Named{"suffix", Suffix},
                                 Named{"substring", Substring}, Named{"regex", Regex}};
  const auto* const found = std::ranges::find(kKinds, lower_case(word), &Named::first);
  return found == kKinds.end() ? std::nullopt : std::optional(found->second);
}

// `{n}` of a replacement names a group that the expression has.
Result<void> check_regex(const std::string& pattern, const std::string& replacement) {
  const auto regex = base::Regex::compile(pattern);
  if (!regex) {
    return config_error("invalid regex matching pattern: " + regex.error().what);
  }
  for (std::size_t group = regex->group_count() + 1; group <= 100; ++group) {
    if (replacement.contains(fmt::format("{{{}}}", group))) {
      return config_error(fmt::format(
          "the rewrite regex pattern ({}) uses more subexpressions than its corresponding matching "
          "regex pattern ({})",
          replacement, pattern));
    }
  }
  return {};
}

// `[exact|prefix|suffix|substring|regex] NAME`, in front of `more` other words.
Result<NameMatch> read_match(Words words, std::size_t more, std::string_view rule) {
  if (words.size() == more + 1) {
    return NameMatch{.text = absolute(words[0].text)};
  }
  const auto kind = kind_of(words[0].text);
  if (!kind) {
    return config_error(fmt::format(
        "{} rule supports only exact, prefix, suffix, substring, and regex name matching, received: {}", rule,
        lower_case(words[0].text)));
  }
  const std::string& text = words[1].text;
  if (*kind == NameMatch::Kind::Regex) {
    if (auto checked = check_regex(text, ""); !checked) {
      return std::unexpected(checked.error());
    }
    return NameMatch{*kind, text};
  }
  if (text.empty()) {
    return config_error(fmt::format("empty name in a {} rule", rule));
  }
  const bool is_whole = *kind == NameMatch::Kind::Exact || *kind == NameMatch::Kind::Suffix;
  return NameMatch{*kind, is_whole ? absolute(text) : lower_case(text)};
}

// `answer auto`, `answer name RE TO`, `answer value RE TO`, several of them; `answer` may be left out from
// the second on.
Result<void> read_answers(Words words, RewriteOptions& rule, const std::string& kind) {
  if (words.size() < 2) {
    return config_error(fmt::format("invalid arguments for {} rule", kind));
  }
  bool is_auto = false;
  bool has_name = false;
  for (std::size_t at = 0; at < words.size();) {
    if (at == 0 && words[0].text != "answer") {
      return config_error(
          fmt::format("exceeded the number of arguments for a non-answer rule argument for {} rule", kind));
    }
    at += words[at].text == "answer" ? 1 : 0;
    if (at == words.size()) {
      return config_error(fmt::format("type missing for answer rule for {} rule", kind));
    }
    const std::string& type = words[at++].text;
    if (type == "auto") {
      is_auto = true;
      continue;
    }
    if (type != "name" && type != "value") {
      return config_error(fmt::format("invalid type \"{}\" for answer rule for {} rule", type, kind));
    }
    if (words.size() - at < 2) {
      return config_error(fmt::format("{} answer rule for {} rule: 2 arguments required", type, kind));
    }
    const std::string& pattern = words[at++].text;
    const std::string& replacement = words[at++].text;
    if (auto checked = check_regex(pattern, replacement); !checked) {
      return config_error(fmt::format("{} answer rule for {} rule: {}", type, kind, checked.error().what));
    }
    has_name |= type == "name";
    rule.answers.push_back({type == "value", pattern, lower_case(replacement)});
  }
  rule.answer_auto |= is_auto;
  return is_auto && has_name
             ? config_error("auto name answer rule cannot be combined with explicit name answer rules")
             : Result<void>();
}

Result<void> read_name(Words words, RewriteOptions& rule) {
  if (words.size() < 2) {
    return config_error("too few arguments for a name rule");
  }
  auto match = read_match(words, words.size() == 2 ? 1 : words.size() - 2, "name");
  if (!match) {
    return std::unexpected(std::move(match.error()));
  }
  rule.match = *std::move(match);
  const bool is_bare = words.size() == 2;
  const std::string& to = words[is_bare ? 1 : 2].text;
  if (rule.match.kind == NameMatch::Kind::Regex) {
    if (auto checked = check_regex(rule.match.text, to); !checked) {
      return checked;
    }
  }
  const bool is_part =
      rule.match.kind == NameMatch::Kind::Prefix || rule.match.kind == NameMatch::Kind::Substring;
  rule.name = is_part ? lower_case(to) : absolute(to);
  if (rule.match.kind == NameMatch::Kind::Exact) {
    if (const auto name = DomainName::parse(rule.name); !name) {
      return config_error(fmt::format("'{}' is not a name: {}", to, name.error()));
    }
    rule.answer_auto = true;
  }
  return words.size() > 3 ? read_answers(words.subspan(3), rule, lower_case(words[0].text)) : Result<void>();
}

Result<void> read_type(Words words, RewriteOptions& rule) {
  for (std::size_t i = 0; i < 2; ++i) {
    const auto type = wire::type_from_text(words[i].text);
    if (!type) {
      return config_error(fmt::format("invalid type \"{}\"", words[i].text));
    }
    (i == 0 ? rule.from : rule.to) = *type;
  }
  return {};
}

Result<void> read_class(Words words, RewriteOptions& rule) {
  for (std::size_t i = 0; i < 2; ++i) {
    const auto qclass = wire::class_from_text(words[i].text);
    if (!qclass) {
      return config_error(fmt::format("invalid class \"{}\"", words[i].text));
    }
    (i == 0 ? rule.from : rule.to) = *qclass;
  }
  return {};
}

// `SECONDS`, `MIN-MAX`, `MIN-` or `-MAX`.
Result<void> read_ttl_range(const std::string& text, RewriteOptions& rule) {
  const std::size_t dash = text.find('-');
  const std::string_view least = std::string_view(text).substr(0, dash);
  const std::string_view most = dash == std::string::npos ? least : std::string_view(text).substr(dash + 1);
  const auto from = least.empty() ? std::optional(std::uint32_t{0}) : number(least);
  const auto to = most.empty() ? std::optional(kMaxTtl) : number(most);
  if (!from || !to || *from > *to || *to > kMaxTtl || (least.empty() && most.empty())) {
    return config_error(fmt::format("invalid TTL '{}' for a ttl rule", text));
  }
  rule.from = *from;
  rule.to = *to;
  return {};
}

Result<void> read_ttl(Words words, RewriteOptions& rule) {
  if (words.size() < 2) {
    return config_error(fmt::format("too few ({}) arguments for a ttl rule", words.size()));
  }
  if (words.size() > 3) {
    return config_error("too many arguments for a ttl rule");
  }
  auto match = read_match(words, 1, "ttl");
  if (!match) {
    return std::unexpected(std::move(match.error()));
  }
  rule.match = *std::move(match);
  return read_ttl_range(words.back().text, rule);
}

std::optional<std::uint32_t> rcode_of(const std::string& word) {
  if (const auto code = number(word)) {
    return *code <= 23 ? code : std::nullopt;
  }
  const auto code = wire::rcode_from_text(word);
  return code ? std::optional<std::uint32_t>(*code) : std::nullopt;
}

Result<void> read_rcode(Words words, RewriteOptions& rule) {
  if (words.size() < 3) {
    return config_error(fmt::format("too few ({}) arguments for a rcode rule", words.size()));
  }
  if (words.size() > 4) {
    return config_error("too many arguments for a rcode rule");
  }
  const auto codes = words.last(2);
  const auto from = rcode_of(codes[0].text);
  const auto to = rcode_of(codes[1].text);
  if (!from) {
    return config_error(fmt::format("invalid matching RCODE '{}' for a rcode rule", codes[0].text));
  }
  if (!to) {
    return config_error(fmt::format("invalid replacement RCODE '{}' for a rcode rule", codes[1].text));
  }
  auto match = read_match(words, 2, "rcode");
  if (!match) {
    return std::unexpected(std::move(match.error()));
  }
  rule.match = *std::move(match);
  rule.from = *from;
  rule.to = *to;
  return {};
}

}  // namespace

Result<RewriteOptions> read_rewrite_rule(std::span<const Token> words) {
  RewriteOptions rule;
  const std::string mode = words.empty() ? "" : lower_case(words[0].text);
  if (mode == "continue" || mode == "stop") {
    rule.continues = mode == "continue";
    words = words.subspan(1);
  }
  if (words.empty()) {
    return config_error("no rule type specified for rewrite");
  }
  const std::string type = lower_case(words[0].text);
  const Words rest = words.subspan(1);
  if (type == "answer") {
    return config_error("response rewrites must begin with a name rule");
  }
  if ((type == "class" || type == "type") && rest.size() != 2) {
    return config_error(type + " rules must have exactly two arguments");
  }
  if (type == "edns0" || type == "cname") {
    return config_error(
        fmt::format("the rule type '{}' is not supported, expected name, type, class, ttl or rcode", type));
  }
  struct Reader {
    std::string_view type;
    Subject subject;
    Result<void> (*read)(Words, RewriteOptions&);
  };
  constexpr std::array kReaders = {
      Reader{"name", Subject::Name, read_name}, Reader{"type", Subject::Type, read_type},
      Reader{"class", Subject::Class, read_class}, Reader{"ttl", Subject::Ttl, read_ttl},
      Reader{"rcode", Subject::Rcode, read_rcode}};
  const auto* const found = std::ranges::find(kReaders, type, &Reader::type);
  if (found == kReaders.end()) {
    return config_error(fmt::format("invalid rule type \"{}\"", words[0].text));
  }
  rule.subject = found->subject;
  if (auto read = found->read(rest, rule); !read) {
    return std::unexpected(std::move(read.error()));
  }
  return rule;
}

}  // namespace meshdns::corefile
