// parse(): the grammar of a Corefile: server blocks, snippets and imports become a tree of statements.
//
// What a directive means is not known here. Environment variables are already replaced in the result.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/result.hpp>

#include "dns/corefile/lexer.hpp"

namespace meshdns::corefile {

// A directive, or an option inside a directive's braces.
struct Statement {
  std::vector<Token> words;  // the name, then the arguments
  std::vector<Statement> block;
  bool has_block = false;

  const std::string& name() const { return words.front().text; }
  std::size_t argument_count() const { return words.size() - 1; }
};

struct ServerBlock {
  std::vector<Token> keys;  // at least one
  std::vector<Statement> directives;
};

struct ParsedFile {
  std::vector<ServerBlock> blocks;
  std::vector<std::string> warnings;
};

Result<ParsedFile> parse(std::string_view text, const std::shared_ptr<const Source>& source);

}  // namespace meshdns::corefile
