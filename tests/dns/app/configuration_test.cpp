#include "dns/app/configuration.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::app {
namespace {

namespace fs = std::filesystem;

// Each test runs in an empty working folder.
class ConfigurationTest : public testing::Test {
 protected:
  ConfigurationTest() : before_(fs::current_path()) {
    std::string name = (fs::temp_directory_path() / "meshdns-configuration-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    fs::current_path(folder_);
  }
  ~ConfigurationTest() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  static void write(const char* name, std::string_view text) { std::ofstream(name) << text; }

  static std::string listen(const Corefile& corefile) {
    std::string text;
    for (const auto& block : corefile.options.blocks) {
      for (const auto& address : block.listen) {
        text += (text.empty() || text.ends_with(';') ? "" : " ") + address.to_string();
      }
      text += ";";
    }
    return text;
  }

 private:
  fs::path before_;
  fs::path folder_;
};

TEST_F(ConfigurationTest, WithoutAnythingIsTheBuiltinCorefile) {
  const auto corefile = Configuration({}).load();
  ASSERT_TRUE(corefile) << corefile.error().what;
  EXPECT_EQ(listen(*corefile), "127.0.0.1:15053 [::1]:15053;");
  EXPECT_THAT(corefile->options.blocks[0].mesh->source.paths, testing::ElementsAre("builtin:demo"));
}

TEST_F(ConfigurationTest, PrefersTheCorefileOfTheWorkingFolder) {
  write("Corefile", "example.org {\n bind 127.0.0.1\n}\n");
  EXPECT_EQ(listen(Configuration({}).load().value()), "127.0.0.1:53;");
  CommandLine line;
  line.dns_port = 5353;
  EXPECT_EQ(listen(Configuration(line).load().value()), "127.0.0.1:5353;");
}

TEST_F(ConfigurationTest, TakesTheMeshOfTheEnvironmentWhereACorefileHasNone) {
  setenv("MESHDNS_MESH", "first.yaml second.yaml {\n ttl 60\n}", 1);
  write("Corefile",
        "a {\n forward . 127.0.0.1:9\n}\nb {\n mesh own.yaml\n forward . 127.0.0.1:9\n}\nc {\n any\n}\n");
  const auto corefile = Configuration({}).load();
  setenv("MESHDNS_MESH", "zone.yaml {", 1);
  const auto bad = Configuration({}).load();
  unsetenv("MESHDNS_MESH");
  ASSERT_TRUE(corefile) << corefile.error().what;
  const auto& blocks = corefile->options.blocks;
  ASSERT_TRUE(blocks[0].mesh);
  EXPECT_THAT(blocks[0].mesh->source.paths, testing::ElementsAre("first.yaml", "second.yaml"));
  EXPECT_EQ(blocks[0].mesh->source.default_ttl_seconds, 60U);
  EXPECT_THAT(blocks[1].mesh->source.paths, testing::ElementsAre("own.yaml"));
  EXPECT_FALSE(blocks[2].mesh) << "it forwards nothing";
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().what, testing::StartsWith("MESHDNS_MESH:"));
}

TEST_F(ConfigurationTest, FallsBackWhenTheCorefileHasNoBlock) {
  write("Corefile", "# nothing\n");
  CommandLine line;
  line.dns_port = 5353;
  EXPECT_EQ(listen(Configuration(line).load().value()), "127.0.0.1:5353 [::1]:5353;");
}

TEST_F(ConfigurationTest, ReadsTheGivenFileAndSaysWhyItCannot) {
  CommandLine line;
  line.conf = "my.conf";
  EXPECT_EQ(Configuration(line).load().error().what,
            "loading Caddyfile via flag: open my.conf: no such file or directory");
  write("my.conf", "a {\n bogus\n}\n");
  EXPECT_EQ(Configuration(line).load().error().what,
            "my.conf:2 - Error during parsing: Unknown directive 'bogus'");
}

TEST_F(ConfigurationTest, DoesNotPassOverAnUnreadableCorefile) {
  fs::create_directory("Corefile");
  EXPECT_EQ(Configuration({}).load().error().what,
            "loading Caddyfile via default: open Corefile: is a directory");
}

TEST_F(ConfigurationTest, LetsShorthandsReplaceTheirParts) {
  write("Corefile", "ignored {\n bogus\n}\n");
  CommandLine line;
  line.zones = {"a.yaml", "b"};
  line.listen = {*SocketAddress::parse("127.0.0.1:1", 0), *SocketAddress::parse("127.0.0.1:2", 0),
                 *SocketAddress::parse("[::1]:1", 0), *SocketAddress::parse("[::1]:1", 0)};
  line.upstreams = {*SocketAddress::parse("10.0.0.2:53", 0)};
  const auto corefile = Configuration(line).load().value();
  EXPECT_EQ(listen(corefile), "127.0.0.1:1 [::1]:1;127.0.0.1:2;");
  for (const auto& block : corefile.options.blocks) {
    EXPECT_EQ(block.mesh->source.paths, line.zones);
    ASSERT_EQ(block.forward.size(), 1U);
    ASSERT_EQ(block.forward[0].to.size(), 1U);
    EXPECT_EQ(std::get<SocketAddress>(block.forward[0].to[0]).to_string(), "10.0.0.2:53");
  }
}

}  // namespace
}  // namespace meshdns::app
