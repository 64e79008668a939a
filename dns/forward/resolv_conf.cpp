#include "dns/forward/resolv_conf.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace meshdns::forward {

namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr unsigned kMaxTimeout = 30;  // seconds; this and the next as in glibc's <resolv.h>
constexpr unsigned kMaxAttempts = 5;
constexpr std::string_view kBlank = " \t\r";

// Cuts the next word off the front of `line`; empty at its end.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlank));
  line.remove_prefix(word.size());
  return word;
}

// The number behind `name:`, brought into 1..max as glibc's limits are; nullopt: `word` is something else.
std::optional<unsigned> number_of(std::string_view word, std::string_view name, unsigned max) {
  if (!word.starts_with(name)) {
    return std::nullopt;
  }
  word.remove_prefix(name.size());
  const bool is_number = !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
  unsigned number = max;  // stays where more digits come than a number has
  std::from_chars(word.data(), word.data() + word.size(), number);
  return is_number ? std::optional(std::clamp(number, 1U, max)) : std::nullopt;
}

void read_options(std::string_view words, ResolvConfOptions& options) {
  for (auto word = next_word(words); !word.empty(); word = next_word(words)) {
    if (const auto seconds = number_of(word, "timeout:", kMaxTimeout)) {
      options.timeout = std::chrono::seconds(*seconds);
    } else if (const auto attempts = number_of(word, "attempts:", kMaxAttempts)) {
      options.attempts = *attempts;
    }
    options.rotate |= word == "rotate";
    options.use_vc |= word == "use-vc";
    options.trust_ad |= word == "trust-ad";
  }
}

}  // namespace

ResolvConfServers parse_resolv_conf(std::string_view text, std::string_view file) {
  ResolvConfServers result;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::string_view rest = line;
    const std::string_view keyword = next_word(rest);
    if (keyword == "options") {
      read_options(rest, result.options);
    }
    if (keyword != "nameserver") {
      continue;
    }
    const std::string_view word = next_word(rest);
    const auto warn = [&](std::string_view what) {
      const std::size_t column =
          (word.empty() ? line.size() : static_cast<std::size_t>(word.data() - line.data())) + 1;
      result.warnings.push_back(fmt::format("{}:{}:{}: {}", file, number, column, what));
    };
    const auto address = SocketAddress::parse(word, kDnsPort);
    if (!address) {
      warn(fmt::format("'{}' skipped, expected an IPv4 or IPv6 address with an interface that exists", word));
    } else if (result.servers.size() == kMaxUpstreams) {
      warn(fmt::format("'{}' skipped, expected at most {} name servers", word, kMaxUpstreams));
    } else if (std::ranges::find(result.servers, *address) == result.servers.end()) {
      result.servers.push_back(*address);
    }
  }
  return result;
}

}  // namespace meshdns::forward
