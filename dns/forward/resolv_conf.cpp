#include "dns/forward/resolv_conf.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

namespace meshdns::forward {

namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr std::string_view kBlank = " \t\r";

// Cuts the next word off the front of `line`; empty at its end.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(kBlank));
  line.remove_prefix(word.size());
  return word;
}

}  // namespace

ResolvConfServers parse_resolv_conf(std::string_view text, std::string_view file) {
  ResolvConfServers result;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::string_view rest = line;
    if (next_word(rest) != "nameserver") {
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
