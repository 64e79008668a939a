#include "dns/corefile/parser.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace meshdns::corefile {
namespace {

namespace fs = std::filesystem;

std::string to_text(const std::vector<Statement>& statements) {
  std::string text;
  for (const auto& statement : statements) {
    for (const auto& word : statement.words) {
      text += (text.empty() || text.ends_with('{') || text.ends_with(' ') ? "" : " ") + word.text;
    }
    text += statement.has_block ? " {" + to_text(statement.block) + "}" : ";";
  }
  return text;
}

// The tree on one line: `zone zone[directive argument;...]`.
std::string tree(const ParsedFile& file) {
  std::string text;
  for (const auto& block : file.blocks) {
    for (const auto& key : block.keys) {
      text += (text.empty() || text.ends_with(']') ? "" : " ") + key.text;
    }
    text += "[" + to_text(block.directives) + "]";
  }
  return text;
}

Result<ParsedFile> parse_text(std::string_view text, const fs::path& folder = {}) {
  return parse(text, std::make_shared<const Source>(Source{"Corefile", folder}));
}

std::string tree_of(std::string_view text) {
  const auto parsed = parse_text(text);
  return parsed ? tree(*parsed) : parsed.error().what;
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "meshdns-parser-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, std::string_view text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(Parse, BuildsATreeOfBlocksAndStatements) {
  const std::pair<std::string_view, std::string_view> examples[] = {
      {"", ""},
      {"# nothing\n\n", ""},
      {". {\n}\n", ".[]"},
      {". {\n}", ".[]"},
      {". { }", ".[]"},
      {".\n{\n errors\n}", ".[errors;]"},
      {".:53\nerrors\nforward . 1.1.1.1", ".:53[errors; forward . 1.1.1.1;]"},
      {"abcd", "abcd[]"},
      {"a b,c:5 {\n}",
       "Corefile:1 - Error during parsing: Zones cannot contain a comma: 'b,c:5' - put a space after it"},
      {"a, b,\nc d {\n}", "a b c d[]"},
      {"a {\n}\nb {\n log\n}\nc\nerrors", "a[]b[log;]c[errors;]"},
      {". {\n x 1 {\n  y 2\n  z {\n  q\n }\n }\n w {\n }\n}", ".[x 1 {y 2; z {q;}} w {}]"},
      {". {\n x {}\n}", ".[x {};]"},
      {". {\n x \"a b\" \"\"\n}", ".[x a b ;]"},
  };
  for (const auto& [text, expected] : examples) {
    EXPECT_EQ(tree_of(text), expected) << text;
  }
}

TEST(Parse, SaysWhatIsWrongWhere) {
  const std::pair<std::string_view, std::string_view> examples[] = {
      {". {\n}\n}\n", "Corefile:3 - Syntax error: Unexpected token '}', expecting a zone"},
      {"{\n}\n", "Corefile:1 - Syntax error: Unexpected token '{', expecting a zone"},
      {"{$MESHDNS_UNSET} {\n}\n", "Corefile:1 - Syntax error: Unexpected token '{', expecting a zone"},
      {". {\n errors\n log\n", "Corefile:3 - Syntax error: Unexpected token 'log', expecting '}'"},
      {". {", "Corefile:1 - Syntax error: Unexpected token '{', expecting '}'"},
      {". {\n log {\n", "Corefile:2 - Error during parsing: Unexpected EOF"},
      {"a,\n", "Corefile:1 - Error during parsing: Unexpected EOF"},
      {"a, {\n}",
       "Corefile:1 - Error during parsing: Expected another address but had '{' - check for extra comma"},
      {"a }\n", "Corefile:1 - Syntax error: Unexpected token '}', expecting a zone"},
      {". {\n log }\n",
       "Corefile:2 - Error during parsing: Unexpected '}' because no matching opening brace"},
      {".\nlog\n}\n", "Corefile:3 - Error during parsing: Unexpected '}' because no matching opening brace"},
      {". {\n log { class all\n }\n}",
       "Corefile:2 - Syntax error: Unexpected token 'class', expecting a new line after '{'"},
      {". {\n log\n {\n }\n}", "Corefile:3 - Syntax error: Unexpected token '{', expecting a directive"},
      {". {\n import\n}",
       "Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after 'import'"},
      {". {\n import a b\n}",
       "Corefile:2 - Error during parsing: Import takes only one argument (glob pattern or file)"},
      {". {\n import a*b*c\n}",
       "Corefile:2 - Error during parsing: Glob pattern may only contain one wildcard (*), but has others: "
       "a*b*c"},
      {". {\n import [ab]\n}",
       "Corefile:2 - Error during parsing: Glob pattern may only contain one wildcard (*), but has others: "
       "[ab]"},
      {"(a) {\n log\n}\n(a) {\n}\n",
       "Corefile:4 - Error during parsing: redeclaration of previously declared snippet a"},
      {"(a) {\n log\n", "Corefile:2 - Syntax error: Unexpected token 'log', expecting '}'"},
      {"(a)\nlog\n", "Corefile:2 - Syntax error: Unexpected token 'log', expecting '{'"},
      {"(a)", "Corefile:1 - Error during parsing: Unexpected EOF"},
      {"(a) {\n import a\n}\n. {\n import a\n}\n",
       "Corefile:2 - Error during parsing: import cycle: (a) imports itself"},
  };
  for (const auto& [text, expected] : examples) {
    EXPECT_EQ(tree_of(text), expected) << text;
  }
}

TEST(Parse, LimitsTheDepthOfBlocks) {
  std::string text = ". {\n";
  for (int i = 0; i < 1000; ++i) {
    text += "x {\n";
  }
  EXPECT_THAT(tree_of(text), testing::EndsWith("blocks are nested too deeply"));
}

TEST(Parse, PutsSnippetsInPlace) {
  EXPECT_EQ(tree_of("(s) {\n errors\n x {\n  y\n }\n}\n. {\n log\n import s\n a\n}\n"),
            ".[log; errors; x {y;} a;]");
  EXPECT_EQ(tree_of("(s) {\n except a\n}\n. {\n x {\n  import s\n  b\n }\n}\n"), ".[x {except a; b;}]");
  EXPECT_EQ(tree_of("(s) {\n a {\n  log\n }\n}\nimport s\nb {\n}\n"), "a[log;]b[]");
}

TEST(Parse, KnowsASnippetOnlyAfterItsDeclaration) {
  EXPECT_EQ(tree_of(". {\n import s\n}\n(s) {\n}\n"),
            "Corefile:2 - Error during parsing: File to import not found: s");
}

TEST(Parse, LimitsWhatSnippetsMultiply) {
  std::string text = "(s0) {\n log\n}\n";
  for (int i = 1; i < 40; ++i) {
    text += fmt::format("(s{0}) {{\n import s{1}\n import s{1}\n}}\n", i, i - 1);
  }
  EXPECT_THAT(tree_of(text + ". {\n import s39\n}\n"),
              testing::EndsWith("more than 10000 imports of snippets"));
}

TEST(Parse, ReplacesEnvironmentVariables) {
  ASSERT_EQ(setenv("MESHDNS_ZONE", "example.org", 1), 0);
  ASSERT_EQ(setenv("MESHDNS_TWO", "a b", 1), 0);
  ASSERT_EQ(setenv("MESHDNS_NESTED", "{%MESHDNS_ZONE%}", 1), 0);
  const std::pair<std::string_view, std::string_view> examples[] = {
      {"{$MESHDNS_ZONE}:53 {\n}", "example.org:53[]"},
      {". {\n {$MESHDNS_ZONE} x{%MESHDNS_ZONE%}y\n}", ".[example.org xexample.orgy;]"},
      {". {\n x {$MESHDNS_TWO}\n}", ".[x a b;]"},
      {". {\n x {$MESHDNS_NESTED}\n}", ".[x example.org;]"},
      {". {\n x -{$MESHDNS_UNSET}-\n}", ".[x --;]"},
      {". {\n x {$} {%%} {$A\n}", ".[x {$} {%%} {$A;]"},
  };
  for (const auto& [text, expected] : examples) {
    EXPECT_EQ(tree_of(text), expected) << text;
  }
}

TEST(Parse, RefusesAVariableThatContainsItself) {
  ASSERT_EQ(setenv("MESHDNS_SELF", "x{$MESHDNS_SELF}", 1), 0);
  EXPECT_EQ(tree_of(". {\n a {$MESHDNS_SELF}\n}"),
            "Corefile:2 - Error during parsing: environment variable 'MESHDNS_SELF' expands without end");
}

TEST(Import, ReadsFilesRelativeToTheImportingFile) {
  const Folder folder;
  folder.write("conf/a.conf", "errors\nimport sub/b.conf\n");
  folder.write("conf/sub/b.conf", "log\n");
  EXPECT_EQ(tree(parse_text(". {\n import conf/a.conf\n}\n", folder.path()).value()), ".[errors; log;]");
}

TEST(Import, TakesMatchesInLexicalOrderAndSkipsHiddenFiles) {
  const Folder folder;
  folder.write("2.conf", "b {\n}\n");
  folder.write("1.conf", "a\nlog\n");
  folder.write("10.conf", "c {\n}\n");
  folder.write(".hidden.conf", "h {\n}\n");
  EXPECT_EQ(tree(parse_text("import *.conf\n", folder.path()).value()), "a[log;]c[]b[]");
  EXPECT_EQ(tree(parse_text("import ?.conf\n", folder.path()).value()), "a[log;]b[]");
}

TEST(Import, TakesWildcardsInTheNameOfTheFolderLiterally) {
  const Folder folder;
  folder.write("odd[1]*/x.conf", "a {\n}\n");
  EXPECT_EQ(tree(parse_text("import *.conf\n", folder.path() / "odd[1]*").value()), "a[]");
}

TEST(Import, WarnsWhenAPatternMatchesNothing) {
  const Folder folder;
  const auto parsed = parse_text("import *.conf\n", folder.path());
  ASSERT_TRUE(parsed);
  EXPECT_THAT(parsed->warnings, testing::ElementsAre("No files matching import glob pattern: *.conf"));
}

TEST(Import, RefusesWhatItCannotRead) {
  const Folder folder;
  folder.write("folder/x", "");
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(parse_text("import missing.conf\n", folder.path()).error().what,
            "Corefile:1 - Error during parsing: File to import not found: missing.conf");
  EXPECT_EQ(parse_text("import folder\n", folder.path()).error().what,
            fmt::format("Corefile:1 - Error during parsing: Could not import {0}: open {0}: is a directory",
                        (folder.path() / "folder").string()));
  EXPECT_THAT(parse_text("import pipe\n", folder.path()).error().what,
              testing::EndsWith("not a regular file"));
}

TEST(Import, NamesTheImportedFileInMessages) {
  const Folder folder;
  folder.write("a.conf", "log\n}\n");
  EXPECT_EQ(parse_text(". {\n import a.conf\n}\n", folder.path()).error().what,
            fmt::format("{}:2 - Error during parsing: Unexpected '}}' because no matching opening brace",
                        (folder.path() / "a.conf").string()));
}

TEST(Import, DetectsCyclesOfFiles) {
  const Folder folder;
  folder.write("a.conf", "import b.conf\n");
  folder.write("b.conf", "import a.conf\n");
  EXPECT_EQ(parse_text("import a.conf\n", folder.path()).error().what,
            fmt::format("{0}/b.conf:1 - Error during parsing: import cycle: {0}/a.conf imports itself",
                        folder.path().string()));
}

TEST(Import, MakesSnippetsOfAnImportedFileKnown) {
  const Folder folder;
  folder.write("snippets", "(s) {\n errors\n}\n");
  EXPECT_EQ(tree(parse_text("import snippets\n. {\n import s\n}\n", folder.path()).value()), ".[errors;]");
}

}  // namespace
}  // namespace meshdns::corefile
