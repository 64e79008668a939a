#include "dns/server/remote_source.hpp"

#include <gtest/gtest.h>

namespace meshdns::server {
namespace {

std::string text_of(std::string_view path) {
  const auto source = parse_remote_source(path);
  return source ? source->socket + "|" + source->host + "|" + source->port + "|" + source->authority + "|" +
                      source->target
                : "none";
}

TEST(ParseRemoteSource, ReadsUnixSockets) {
  EXPECT_EQ(text_of("unix:/run/kuma/dns.sock"), "/run/kuma/dns.sock|||localhost|/dns");
  EXPECT_EQ(text_of("unix:dns.sock"), "dns.sock|||localhost|/dns");
}

TEST(ParseRemoteSource, ReadsHttpAddresses) {
  EXPECT_EQ(text_of("http://localhost"), "|localhost|80|localhost|/dns");
  EXPECT_EQ(text_of("http://10.0.0.1:9901"), "|10.0.0.1|9901|10.0.0.1:9901|/dns");
  EXPECT_EQ(text_of("http://[::1]:9901/a/b?c=d"), "|::1|9901|[::1]:9901|/a/b?c=d");
  EXPECT_EQ(text_of("http://[::1]/"), "|::1|80|[::1]|/");
}

TEST(ParseRemoteSource, RefusesWhatWouldBeAnotherRequest) {
  for (const char* path :
       {"unix:", "http://", "http:///dns", "http://:80", "http://a:", "http://a:0", "http://a:65536",
        "http://a:-1", "http://a b/", "http://a/b c", "http://a/b\r\nHost: x", "http://a\n/",
        "http://user@a/", "http://a#b", "http://[::1", "http://::1", "http://[]:80", "http://[::1]x:80"}) {
    EXPECT_EQ(text_of(path), "none") << path;
  }
}

}  // namespace
}  // namespace meshdns::server
