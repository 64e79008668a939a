// What the tests of directives have in common: one server block, read.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <meshdns/corefile.hpp>

namespace meshdns::corefile {

// The only block of a Corefile whose block contains `directives`.
inline Result<Corefile> block_with(std::string_view directives) {
  return parse_corefile(fmt::format(".:53 {{\n{}\n}}\n", directives), "Corefile");
}

inline BlockOptions good(std::string_view directives) {
  return block_with(directives).value().options.blocks.at(0);
}

inline std::string fault(std::string_view directives) {
  const auto corefile = block_with(directives);
  return corefile ? "no fault" : corefile.error().what;
}

inline std::string names(const std::vector<DomainName>& zones) {
  std::vector<std::string> texts;
  texts.reserve(zones.size());
  for (const auto& zone : zones) {
    texts.push_back(zone.to_string());
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

inline std::string addresses(const std::vector<SocketAddress>& listen) {
  std::vector<std::string> texts;
  texts.reserve(listen.size());
  for (const auto& address : listen) {
    texts.push_back(address.to_string());
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

inline std::string upstreams(const std::vector<UpstreamSource>& sources) {
  std::vector<std::string> texts;
  for (const auto& to : sources) {
    if (const auto* const file = std::get_if<ResolvConf>(&to)) {
      texts.push_back("file " + file->path);
    } else if (const auto* const host = std::get_if<UpstreamHost>(&to)) {
      texts.push_back(fmt::format("host {} {}", host->name.to_string(), host->port));
    } else if (const auto* const tls = std::get_if<TlsUpstream>(&to)) {
      texts.push_back(fmt::format("tls {} '{}'", tls->address.to_string(), tls->server_name));
    } else {
      texts.push_back(std::get<SocketAddress>(to).to_string());
    }
  }
  return fmt::format("{}", fmt::join(texts, " "));
}

struct Fault {
  std::string_view directives;
  std::string message;
};

inline void expect_faults(std::span<const Fault> faults) {
  for (const auto& [directives, message] : faults) {
    EXPECT_EQ(fault(directives), message) << directives;
  }
}

}  // namespace meshdns::corefile
