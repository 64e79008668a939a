#include "dns/server/answer_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/server/watched_files.hpp"

namespace meshdns::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> search_list(std::string_view text) {
  std::vector<std::string> list;
  for (const DomainName& suffix : parse_search_list(text)) {
    list.push_back(suffix.to_string());
  }
  return list;
}

TEST(SearchList, IsThatOfTheLastLineThatHasOne) {
  EXPECT_THAT(search_list("nameserver 10.0.0.2\nsearch Shop.Example.com\texample.com.  \noptions ndots:5\n"),
              ElementsAre("shop.example.com", "example.com"));
  EXPECT_THAT(search_list("search a.example\ndomain b.example"), ElementsAre("b.example"));
  EXPECT_THAT(search_list("domain b.example\nsearch a.example c.example\r\n"),
              ElementsAre("a.example", "c.example"));
  EXPECT_THAT(search_list("# search a.example\nsearching b.example\n"), IsEmpty());
}

TEST(SearchList, HasNoSuffixThatMakesANamespaceOfTheMesh) {
  EXPECT_THAT(search_list("search shop.svc.cluster.local svc.cluster.local cluster.local . a..b"),
              ElementsAre("shop.svc.cluster.local", "cluster.local"));
}

TEST(AnswerPolicy, WarnsOfAFileThatIsNotThere) {
  MeshOptions mesh;
  mesh.search = {.suffixes = {DomainName::parse("example.com").value()},
                 .resolv_conf = "/nowhere/resolv.conf"};
  const auto made = answer_policy_of(mesh);
  EXPECT_THAT(made.warnings, ElementsAre(HasSubstr("search: open /nowhere/resolv.conf: no such file")));
  EXPECT_EQ(made.policy.search.suffixes.size(), 1U);
}

TEST(SearchListFile, IsWatchedWhereTheZoneCanBeReadAgain) {
  ServerOptions options{.blocks = std::vector<BlockOptions>(1)};
  MeshOptions& mesh = options.blocks[0].mesh.emplace();
  mesh.search = {.suffixes = {}, .resolv_conf = "/etc/resolv.conf"};
  EXPECT_THAT(watched_files(options), IsEmpty());
  mesh.source.paths = {"unix:/run/kuma.sock"};
  EXPECT_THAT(watched_files(options), ElementsAre("/etc/resolv.conf"));
  EXPECT_THAT(affected_by({"/etc/resolv.conf"}, options).zones, ElementsAre(0U));
  mesh.reload = false;
  EXPECT_THAT(watched_files(options), IsEmpty());
}

}  // namespace
}  // namespace meshdns::server
