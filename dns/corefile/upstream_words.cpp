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
constexpr std::uint16_t kTlsPort = 853;

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

Result<SocketAddress> with_port(const Token& word, const SocketAddress& address) {
  if (address.port == 0) {
    return parse_error(word, fmt::format("invalid port in '{}', expected 1..65535", word.text));
  }
  return address;
}

// `IP[:port][%name]` or `IP%name[:port]`; a scope, if there is one, stands before the name's `%`.
Result<UpstreamSource> parse_tls(const Token& word, std::string_view text) {
  TlsUpstream upstream;
  const auto percent = text.rfind('%');
  std::string address(text.substr(0, percent));
  if (percent != std::string_view::npos) {
    const std::string_view name = text.substr(percent + 1);
    const auto colon = name.find(':');
    upstream.server_name = name.substr(0, colon);
    if (colon != std::string_view::npos) {
      address += name.substr(colon);
    }
  }
  const auto parsed = SocketAddress::parse(address, kTlsPort);
  if (!parsed || (percent != std::string_view::npos && upstream.server_name.empty())) {
    return parse_error(word, fmt::format("'{}' is no upstream, expected tls://IP[:PORT][%NAME]", word.text));
  }
  const auto checked = with_port(word, *parsed);
  if (!checked) {
    return std::unexpected(checked.error());
  }
  upstream.address = *checked;
  return upstream;
}

Result<UpstreamSource> parse_upstream(const Token& word) {
  std::string_view text = word.text;
  if (const auto end = text.find("://"); end != std::string_view::npos) {
    const std::string_view scheme = text.substr(0, end);
    text.remove_prefix(end + 3);
    if (scheme == "tls") {
      return parse_tls(word, text);
    }
    if (scheme != "dns") {
      return parse_error(
          word, fmt::format("{}:// is not supported, expected dns:// or tls:// in '{}'", scheme, word.text));
    }
  }
  if (const auto address = SocketAddress::parse(text, kDnsPort)) {
    return with_port(word, *address);
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
