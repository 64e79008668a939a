#include "dns/forward/resolv_conf.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace meshdns::forward {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> servers_of(std::string_view text) {
  std::vector<std::string> result;
  for (const SocketAddress& server : parse_resolv_conf(text, "resolv.conf").servers) {
    result.push_back(server.to_string());
  }
  return result;
}

TEST(ResolvConf, ListsNameServersInFileOrder) {
  EXPECT_THAT(servers_of("nameserver 10.0.0.2\nnameserver 2001:db8::1\nnameserver 10.0.0.1\n"),
              ElementsAre("10.0.0.2:53", "[2001:db8::1]:53", "10.0.0.1:53"));
}

TEST(ResolvConf, IgnoresCommentsOptionsAndWhiteSpace) {
  EXPECT_THAT(
      servers_of("# nameserver 10.0.0.9\n; nameserver 10.0.0.8\nsearch a.example b.example\n"
                 "options ndots:5 timeout:1\r\n\t nameserver\t10.0.0.2 # comment\r\n\nnameservers 10.0.0.7\n"
                 "nameserver 10.0.0.3"),
      ElementsAre("10.0.0.2:53", "10.0.0.3:53"));
}

TEST(ResolvConf, KeepsTheScopeOfLinkLocalServers) {
  const auto parsed = parse_resolv_conf("nameserver fe80::1%lo\n", "f");
  ASSERT_EQ(parsed.servers.size(), 1U);
  EXPECT_NE(parsed.servers[0].scope, 0U);
  EXPECT_EQ(parsed.servers[0].to_string(), "[fe80::1%lo]:53");
}

TEST(ResolvConf, WarnsAboutWhatItCannotUse) {
  const auto parsed =
      parse_resolv_conf("nameserver 10.0.0.2\nnameserver  dns.example\nnameserver\n", "/etc/r");
  EXPECT_EQ(parsed.servers.size(), 1U);
  EXPECT_THAT(parsed.warnings,
              ElementsAre(HasSubstr("/etc/r:2:13: 'dns.example'"), HasSubstr("/etc/r:3:11: ")));
}

TEST(ResolvConf, TakesFifteenServersAndNoRepeats) {
  std::string text;
  for (int i = 1; i <= 17; ++i) {
    text += "nameserver 10.0.0." + std::to_string(i) + "\nnameserver 10.0.0.1\n";
  }
  const auto parsed = parse_resolv_conf(text, "f");
  EXPECT_EQ(parsed.servers.size(), 15U);
  EXPECT_FALSE(parsed.warnings.empty());
}

// As `timeout attempts rotate use-vc trust-ad`.
std::string options_of(std::string_view text) {
  const ResolvConfOptions options = parse_resolv_conf(text, "f").options;
  return fmt::format("{} {}{}{}{}", options.timeout.count(), options.attempts,
                     options.rotate ? " rotate" : "", options.use_vc ? " use-vc" : "",
                     options.trust_ad ? " trust-ad" : "");
}

TEST(ResolvConf, TakesTheOptionsOfAllLines) {
  const std::pair<std::string_view, std::string_view> examples[] = {
      {"", "0 0"},
      {"options timeout:2 attempts:3 rotate use-vc trust-ad", "2 3 rotate use-vc trust-ad"},
      {"options\ttimeout:2\noptions attempts:3\nnameserver 10.0.0.2\n options rotate \r\n", "2 3 rotate"},
      {"options timeout:2 attempts:4 timeout:3\noptions attempts:1 timeout:1", "1 1"},
      {"options timeout:31 attempts:6", "30 5"},
      {"options timeout:0 attempts:0", "1 1"},
      {"options timeout:99999999999999999999 attempts:00000000000000000002", "30 2"},
      {"options timeout: attempts:x timeout:-1 attempts:2s timeout attempts", "0 0"},
      {"options edns0 ndots:5 single-request no-tld-query rotated use-vcs timeout:4", "4 0"},
      {"# options rotate\n; options use-vc\noption trust-ad\noptionsrotate", "0 0"},
  };
  for (const auto& [text, expected] : examples) {
    EXPECT_EQ(options_of(text), expected) << text;
  }
}

TEST(ResolvConf, AnEmptyFileHasNoServers) {
  EXPECT_THAT(servers_of(""), IsEmpty());
  EXPECT_THAT(servers_of("\n\n"), IsEmpty());
}

}  // namespace
}  // namespace meshdns::forward
