#include "dns/corefile/upstream_words.hpp"

#include <charconv>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::size_t kMaxUpstreams = 15;
constexpr std::uint16_t kDnsPort = 53;

// `host.example.org[:port]`. A single word is more often a file that is missing than a host.
std::optional<UpstreamHost> parse_host(std::string_view text) {
  UpstreamHost host;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), host.port);
    if (failed != std::errc() || end != port.data() + port.size() || host.port == 0) {
      return std::nullopt;
    }
    text = text.substr(0, colon);
  }
  const auto name = DomainName::parse(text);
  const bool has_letter = text.find_first_not_of("0123456789.") != std::string_view::npos;
  if (!name || name->label_count() < 2 || name->is_wildcard() || !has_letter) {
    return std::nullopt;
  }
  host.name = *name;
  return host;
}

Result<UpstreamSource> parse_upstream(const Token& word) {
  std::string_view text = word.text;
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    if (text.substr(0, scheme) != "dns") {
      return parse_error(
          word, fmt::format("{}:// is not supported, expected dns:// in '{}'", text.substr(0, scheme), text));
    }
    text.remove_prefix(scheme + 3);
  }
  if (const auto address = SocketAddress::parse(text, kDnsPort)) {
    if (address->port == 0) {
      return parse_error(word, fmt::format("invalid port in '{}', expected 1..65535", word.text));
    }
    return *address;
  }
  // A path is recognised without looking, so that a file which is missing now is reported as a missing file.
  std::error_code ignored;
  if (text.contains('/') || std::filesystem::is_regular_file(text, ignored)) {
    return ResolvConf{std::string(text)};
  }
  if (const auto host = parse_host(text)) {
    return *host;
  }
  return config_error(fmt::format("not an IP address or file: \"{}\"", text));
}

}  // namespace

Result<std::vector<UpstreamSource>> parse_upstreams(const std::vector<Token>& words, std::size_t first) {
  if (words.size() - first > kMaxUpstreams) {
    return config_error(fmt::format("more than {} TOs configured: {}", kMaxUpstreams, words.size() - first));
  }
  std::vector<UpstreamSource> upstreams;
  for (std::size_t i = first; i < words.size(); ++i) {
    auto upstream = parse_upstream(words[i]);
    if (!upstream) {
      return std::unexpected(std::move(upstream.error()));
    }
    upstreams.push_back(*std::move(upstream));
  }
  return upstreams;
}

}  // namespace meshdns::corefile
