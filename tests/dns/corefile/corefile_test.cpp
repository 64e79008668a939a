#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <meshdns/corefile.hpp>

namespace meshdns {
namespace {

// `zone zone @ address address` of each block, one after the other.
std::string served(std::string_view text, const CorefileDefaults& defaults = {}) {
  const auto corefile = parse_corefile(text, "Corefile", defaults);
  if (!corefile) {
    return corefile.error().what;
  }
  std::string out;
  for (const auto& block : corefile->options.blocks) {
    out += out.empty() ? "" : " | ";
    for (const auto& zone : block.zones) {
      out += zone.to_string() + " ";
    }
    out += "@";
    for (const auto& address : block.listen) {
      out += " " + address.to_string();
    }
  }
  return out;
}

TEST(Corefile, WithoutBlocksIsEmpty) {
  EXPECT_EQ(served(""), "");
  EXPECT_EQ(served("# only a comment\n(snippet) {\n log\n}\n"), "");
}

TEST(Corefile, ServesZonesOnThePortTheyName) {
  EXPECT_EQ(served(". {\n bind ::1\n}"), ". @ [::1]:53");
  EXPECT_EQ(served(". {\n bind ::1\n}", {.dns_port = 15053}), ". @ [::1]:15053");
  EXPECT_EQ(served(".:54 {\n bind ::1\n}", {.dns_port = 15053}), ". @ [::1]:54");
  EXPECT_EQ(served("10.0.0.0/7 example.org {\n bind ::1\n}"),
            "10.in-addr.arpa 11.in-addr.arpa example.org @ [::1]:53");
  EXPECT_EQ(served("."), ". @ 0.0.0.0:53 [::]:53");
}

TEST(Corefile, SplitsABlockWhoseZonesNameDifferentPorts) {
  EXPECT_EQ(served("a:54 b:53 c:54 {\n bind ::1\n}\nd:54 {\n bind ::1\n}"),
            "a c @ [::1]:54 | b @ [::1]:53 | d @ [::1]:54");
}

TEST(Corefile, RefusesToServeTheSameZoneTwice) {
  const std::pair<std::string_view, std::string_view> examples[] = {
      {".:53 {\n}\n.:53 {\n}", "cannot serve dns://.:53 - it is already defined"},
      {"a A. {\n}", "cannot serve dns://a.:53 - it is already defined"},
      {"a {\n bind 127.0.0.1\n}\na {\n bind 127.0.0.2 127.0.0.1\n}",
       "cannot serve dns://a.:53 on 127.0.0.1 - it is already defined"},
      {"a {\n bind ::1\n}\na {\n}",
       "cannot serve dns://a.:53 - zone overlap listener capacity with dns://a.:53 on ::1"},
      {"a {\n}\na {\n bind ::1\n}",
       "cannot serve dns://a.:53 on ::1 - zone overlap listener capacity with dns://a.:53"},
  };
  for (const auto& [text, expected] : examples) {
    EXPECT_EQ(served(text), expected) << text;
  }
}

TEST(Corefile, AllowsTheSameZoneOnOtherAddressesAndPorts) {
  EXPECT_EQ(served("a {\n bind 127.0.0.1\n}\na {\n bind 127.0.0.2\n}\na:54 {\n bind 127.0.0.1\n}"),
            "a @ 127.0.0.1:53 | a @ 127.0.0.2:53 | a @ 127.0.0.1:54");
}

TEST(Corefile, FromTheKumaDataPlaneReads) {
  const auto corefile = parse_corefile(R"(.:15053 {
    forward . 127.0.0.1:15054
    # We want all requests to be sent to the Envoy DNS Filter, unsuccessful responses should be forwarded to the
    # original DNS server. For example: requests other than A, AAAA and SRV will return NOTIMP when hitting the envoy
    # filter and should be sent to the original DNS server.
    errors
    log
})",
                                       "Corefile");
  ASSERT_TRUE(corefile) << corefile.error().what;
  EXPECT_EQ(corefile->options.blocks.at(0).where.line, 1U);
  EXPECT_TRUE(corefile->options.blocks.at(0).errors);
}

TEST(LoadCorefile, SaysWhyAFileCannotBeOpened) {
  const auto missing = load_corefile("/nonexistent/Corefile");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::FileUnreadable);
  EXPECT_EQ(missing.error().what, "open /nonexistent/Corefile: no such file or directory");
  EXPECT_EQ(load_corefile("/").error().what, "open /: is a directory");
}

TEST(LoadCorefile, NamesThePathAsGivenAndImportsFromItsFolder) {
  std::string name = (std::filesystem::temp_directory_path() / "meshdns-corefile-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(name.data());
  std::ofstream(folder / "Corefile") << "import more\nb {\n bogus\n}\n";
  std::ofstream(folder / "more") << "a {\n}\n";
  const auto corefile = load_corefile(folder / "Corefile");
  std::filesystem::remove_all(folder);
  ASSERT_FALSE(corefile);
  EXPECT_EQ(corefile.error().code, Errc::InvalidConfig);
  EXPECT_EQ(corefile.error().what, fmt::format("{}:3 - Error during parsing: Unknown directive 'bogus'",
                                               (folder / "Corefile").string()));
}

TEST(Corefile, MessagesAreOneLineWhateverTheyQuote) {
  EXPECT_EQ(served(". {\n \"bo\ngus\"\n}"), "Corefile:2 - Error during parsing: Unknown directive 'bo?gus'");
}

}  // namespace
}  // namespace meshdns
