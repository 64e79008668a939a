#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <meshdns/corefile.hpp>

namespace meshdns {
namespace {

Result<Corefile> corefile_with(const std::string& directives) {
  return parse_corefile(".:53 {\n" + directives + "\n}\n", "Corefile");
}

BlockOptions block_with(const std::string& directives) {
  const auto corefile = corefile_with(directives);
  EXPECT_TRUE(corefile) << (corefile ? "" : corefile.error().what);
  return corefile ? corefile->options.blocks.at(0) : BlockOptions{};
}

std::string fault_of(const std::string& directives) {
  const auto corefile = corefile_with(directives);
  return corefile ? "no fault" : corefile.error().what;
}

std::string text(const std::vector<SocketAddress>& addresses) {
  std::string text;
  for (const SocketAddress& address : addresses) {
    text += (text.empty() ? "" : " ") + address.to_string();
  }
  return text;
}

TEST(AdminDirectives, HaveCoreDnsAddresses) {
  EXPECT_EQ(text(block_with("prometheus").prometheus->listen), "127.0.0.1:9153 [::1]:9153");
  EXPECT_EQ(text(block_with("health").health->listen), "0.0.0.0:8080 [::]:8080");
  EXPECT_EQ(text(block_with("ready").ready->listen), "0.0.0.0:8181 [::]:8181");
  EXPECT_EQ(text(block_with("prometheus localhost:19153").prometheus->listen), "127.0.0.1:19153 [::1]:19153");
  EXPECT_EQ(text(block_with("prometheus 10.0.0.1:1").prometheus->listen), "10.0.0.1:1");
  EXPECT_EQ(text(block_with("prometheus [::1]:1").prometheus->listen), "[::1]:1");
  EXPECT_FALSE(block_with("errors").prometheus);
}

TEST(AdminDirectives, SayWhatIsWrongWithAnAddress) {
  EXPECT_EQ(fault_of("prometheus localhost"),
            "plugin/prometheus: address localhost: missing port in address");
  EXPECT_EQ(fault_of("prometheus [::1]"), "plugin/prometheus: address [::1]: missing port in address");
  EXPECT_EQ(fault_of("prometheus localhost:99999"), "plugin/prometheus: address 99999: invalid port");
  EXPECT_EQ(fault_of("health ::1:80"), "plugin/health: address ::1:80: too many colons in address");
  EXPECT_EQ(fault_of("ready metrics.example:1"),
            "plugin/ready: address metrics.example:1: not an IP address or localhost: 'metrics.example'");
  EXPECT_EQ(fault_of("prometheus\nprometheus"),
            "plugin/prometheus: this plugin can only be used once per Server Block");
}

TEST(AdminDirectives, AdminIsForThisHostAlone) {
  const auto with = [](const std::string& directives) {
    const auto corefile = corefile_with(directives);
    EXPECT_TRUE(corefile && corefile->options.admin) << directives;
    return text(corefile->options.admin->listen);
  };
  EXPECT_EQ(with("admin"), "127.0.0.1:15059");
  EXPECT_EQ(with("admin localhost:1"), "127.0.0.1:1 [::1]:1");
  EXPECT_EQ(with("admin 127.1.2.3:1"), "127.1.2.3:1");
  EXPECT_EQ(with("admin [::1]:1\n}\na:53 {\nadmin\n}\nb:53 {\nadmin 127.0.0.1:15059"),
            "[::1]:1 127.0.0.1:15059")
      << "it is one for the server";
  EXPECT_FALSE(corefile_with("errors")->options.admin);
  for (const std::string address : {":15059", "0.0.0.0:15059", "10.0.0.1:15059", "[::]:15059"}) {
    EXPECT_EQ(fault_of("admin " + address),
              "plugin/admin: Corefile:2 - Error during parsing: '" + address +
                  "' is no loopback address: the pages tell everything to everybody who can reach them; "
                  "expected one such as 127.0.0.1:15059, [::1]:15059 or localhost:15059");
  }
  EXPECT_EQ(fault_of("admin 127.0.0.1"), "plugin/admin: address 127.0.0.1: missing port in address");
}

TEST(AdminDirectives, TakeTheirOptions) {
  EXPECT_TRUE(block_with("prometheus {\n runtime_metrics\n}").prometheus);
  EXPECT_EQ(fault_of("prometheus {\n tls /nonexistent/web.yml\n}"),
            "plugin/prometheus: Corefile:3 - Error during parsing: open /nonexistent/web.yml: no such file "
            "or directory");
  EXPECT_EQ(block_with("health {\n lameduck 3s\n}").health->lameduck, std::chrono::seconds(3));
  EXPECT_EQ(block_with("health").health->lameduck.count(), 0);
  EXPECT_EQ(
      fault_of("health {\n lameduck soon\n}"),
      "plugin/health: Corefile:3 - Error during parsing: invalid duration 'soon', expected one such as 5s "
      "or 1m30s");
  EXPECT_FALSE(block_with("ready {\n monitor until-ready\n}").ready->continuously);
  EXPECT_TRUE(block_with("ready {\n monitor continuously\n}").ready->continuously);
  EXPECT_EQ(fault_of("ready {\n monitor always\n}"),
            "plugin/ready: Corefile:3 - Error during parsing: monitor mode 'always', expected until-ready or "
            "continuously");
  EXPECT_EQ(block_with("ready").ready->fail_open_after, std::chrono::seconds(15));
  EXPECT_EQ(block_with("ready {\n fail_open_after 1m\n}").ready->fail_open_after, std::chrono::minutes(1));
  EXPECT_EQ(block_with("ready {\n fail_open_after never\n}").ready->fail_open_after.count(), 0);
}

TEST(AdminDirectives, AreNamedForMetrics) {
  EXPECT_EQ(block_with("log a\nprometheus\nlog b").directives,
            (std::vector<std::string>{"log", "prometheus"}));
}

TEST(Reload, HasCoreDnsDefaultsAndLimits) {
  EXPECT_FALSE(corefile_with("errors")->options.reload);
  const auto by_default = corefile_with("reload")->options.reload;
  EXPECT_EQ(by_default->interval, std::chrono::seconds(30));
  EXPECT_EQ(by_default->jitter, std::chrono::seconds(15));
  const auto short_one = corefile_with("reload 2s 5s")->options.reload;
  EXPECT_EQ(short_one->interval, std::chrono::seconds(2));
  EXPECT_EQ(short_one->jitter, std::chrono::seconds(1)) << "at most half of the interval";
  EXPECT_EQ(corefile_with("reload 10s 0")->options.reload->jitter.count(), 0);
  EXPECT_EQ(
      fault_of("reload 1s"),
      "plugin/reload: Corefile:2 - Error during parsing: interval value must be greater or equal to 2s");
  EXPECT_EQ(
      fault_of("reload 10s 500ms"),
      "plugin/reload: Corefile:2 - Error during parsing: jitter value must be 0, or greater or equal to 1s");
}

TEST(Debug, HoldsForTheWholeServer) {
  EXPECT_FALSE(corefile_with("errors")->options.debug);
  EXPECT_TRUE(corefile_with("debug")->options.debug);
}

TEST(ConfigHash, TellsWhatIsSaidAndOnWhichLine) {
  const auto hash = [](const std::string& text) { return parse_corefile(text, "f")->options.config_hash; };
  const std::string first = hash(".:53 {\n errors\n}\n");
  EXPECT_EQ(first.size(), 128U);
  EXPECT_EQ(first, hash(".:53   {\n\terrors # all of them\n}\n# the end\n"));
  EXPECT_NE(first, hash(".:53 {\n log\n}\n"));
  EXPECT_NE(first, hash(".:53 {\n\n errors\n}\n"));
}

}  // namespace
}  // namespace meshdns
