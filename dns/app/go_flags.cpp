#include "dns/app/go_flags.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include <fmt/format.h>

namespace meshdns::app {

// One word that begins with a dash, and the next one if the flag takes a value.
class FlagSet::Reader {
 public:
  Reader(const FlagSet& flags, std::span<const char* const>& rest) : flags_(flags), rest_(rest) {}

  std::expected<void, EarlyExit> read() {
    const std::string_view word = take();
    std::string_view name = word.substr(word.starts_with("--") ? 2 : 1);
    if (name.empty() || name.starts_with('-') || name.starts_with('=')) {
      return flags_.bad_usage(fmt::format("bad flag syntax: {}", word));
    }
    std::optional<std::string> value;
    if (const auto equals = name.find('='); equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    const auto flag = std::ranges::find(flags_.flags_, name, &Flag::name);
    if (flag == flags_.flags_.end()) {
      return name == "h" || name == "help"
                 ? std::unexpected(EarlyExit{0, flags_.usage_text()})
                 : flags_.bad_usage(fmt::format("flag provided but not defined: -{}", name));
    }
    if (flag->value.empty()) {
      return set_boolean(*flag, value);
    }
    if (!value && rest_.empty()) {
      return flags_.bad_usage(fmt::format("flag needs an argument: -{}", name));
    }
    return set(*flag, value ? *value : std::string(take()));
  }

 private:
  std::string_view take() {
    const std::string_view word = rest_.front();
    rest_ = rest_.subspan(1);
    return word;
  }

  std::expected<void, EarlyExit> set(const Flag& flag, const std::string& value) const {
    if (const std::string fault = flag.set(value); !fault.empty()) {
      return flags_.bad_usage(fmt::format("invalid value \"{}\" for flag -{}: {}", value, flag.name, fault));
    }
    return {};
  }

  // The spellings of Go's strconv.ParseBool.
  std::expected<void, EarlyExit> set_boolean(const Flag& flag,
                                             const std::optional<std::string>& value) const {
    constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
    constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
    if (!value || std::ranges::find(kTrue, *value) != kTrue.end()) {
      return set(flag, "true");
    }
    if (std::ranges::find(kFalse, *value) != kFalse.end()) {
      return set(flag, "false");
    }
    return flags_.bad_usage(
        fmt::format("invalid boolean value \"{}\" for -{}: parse error", *value, flag.name));
  }

  const FlagSet& flags_;
  std::span<const char* const>& rest_;
};

std::expected<std::vector<std::string>, EarlyExit> FlagSet::parse(std::span<const char* const> arguments,
                                                                  bool words_anywhere) const {
  std::vector<std::string> words;
  bool flags_may_follow = true;
  while (!arguments.empty()) {
    const std::string_view word = arguments.front();
    if (flags_may_follow && word.size() > 1 && word.starts_with('-') && word != "--") {
      if (auto read = Reader(*this, arguments).read(); !read) {
        return std::unexpected(std::move(read.error()));
      }
      continue;
    }
    arguments = arguments.subspan(1);
    if (flags_may_follow && word == "--") {
      flags_may_follow = false;
    } else {
      flags_may_follow = flags_may_follow && words_anywhere;
      words.emplace_back(word);
    }
  }
  return words;
}

std::unexpected<EarlyExit> FlagSet::bad_usage(const std::string& fault) const {
  return std::unexpected(EarlyExit{2, fault + "\n" + usage_text()});
}

std::string FlagSet::usage_text() const {
  std::string text = usage_;
  for (const Flag& flag : flags_) {
    fmt::format_to(std::back_inserter(text), "  -{}{}{}\n    \t{}\n", flag.name,
                   flag.value.empty() ? "" : " ", flag.value, flag.help);
  }
  return text;
}

std::function<std::string(const std::string&)> into(std::string& text) {
  return [&text](const std::string& value) { return text = value, std::string(); };
}

std::function<std::string(const std::string&)> into(bool& boolean) {
  return [&boolean](const std::string& value) { return boolean = value == "true", std::string(); };
}

}  // namespace meshdns::app
