#include "dns/corefile/parser.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "dns/corefile/environment.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/text_files.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::size_t kMaxSnippetExpansions = 10'000;
constexpr std::size_t kMaxFileImports = 100'000;
constexpr std::size_t kMaxImportDepth = 100;
constexpr std::size_t kMaxBlockDepth = 16;
constexpr std::size_t kMaxWords = 1'000'000;  // bounds what nested snippets can multiply

// Tokens of one file or snippet, read from front to back.
class Cursor {
 public:
  explicit Cursor(std::span<const Token> tokens) : tokens_(tokens) {}

  bool at_end() const { return next_ == tokens_.size(); }
  const Token& peek() const { return tokens_[next_]; }
  bool peek_is(std::string_view text) const { return !at_end() && peek().text == text; }
  bool line_goes_on() const { return !at_end() && !peek().starts_line; }
  const Token& take() { return tokens_[next_++]; }
  const Token& last() const { return tokens_[next_ - 1]; }

 private:
  std::span<const Token> tokens_;
  std::size_t next_ = 0;
};

class Parser {
 public:
  Result<ParsedFile> run(std::string_view text, const std::shared_ptr<const Source>& source) {
    const auto tokens = tokenize(text, source);
    if (!tokens) {
      return std::unexpected(tokens.error());
    }
    active_imports_.push_back(source->name);
    Cursor cursor(*tokens);
    if (auto parsed = server_blocks(cursor); !parsed) {
      return std::unexpected(std::move(parsed.error()));
    }
    return std::move(file_);
  }

 private:
  using ParseTokens = std::function<Result<void>(Cursor&)>;

  Result<void> server_blocks(Cursor& cursor) {
    while (!cursor.at_end()) {
      auto parsed = cursor.peek_is("import")
                        ? import(cursor, [this](Cursor& imported) { return server_blocks(imported); })
                        : server_block_or_snippet(cursor);
      if (!parsed) {
        return parsed;
      }
    }
    return {};
  }

  Result<void> server_block_or_snippet(Cursor& cursor) {
    const Token& first = cursor.peek();
    ServerBlock block;
    if (auto parsed = keys(cursor, block.keys); !parsed) {
      return parsed;
    }
    if (first.text.size() > 2 && first.text.starts_with('(') && first.text.ends_with(')') &&
        block.keys.size() == 1) {
      return snippet(cursor, first);
    }
    if (block.keys.empty()) {
      return syntax_error(first, "a zone");
    }
    const bool braced = cursor.peek_is("{");
    if (braced) {
      cursor.take();
    }
    if (auto parsed = statements(cursor, block.directives, braced ? 1 : 0); !parsed) {
      return parsed;
    }
    file_.blocks.push_back(std::move(block));
    return {};
  }

  // Zones up to the end of the line, or up to `{`. After a comma the list goes on, on the next line too.
  Result<void> keys(Cursor& cursor, std::vector<Token>& keys) {
    for (bool another = true; another || cursor.line_goes_on();) {
      if (cursor.at_end()) {
        return parse_error(cursor.last(), "Unexpected EOF");
      }
      if (cursor.peek_is("{") || cursor.peek_is("}")) {
        return keys.empty() || cursor.peek_is("}") ? syntax_error(cursor.peek(), "a zone")
                                                   : comma_or_end(cursor, another);
      }
      auto key = word(cursor.take());
      if (!key) {
        return std::unexpected(std::move(key.error()));
      }
      another = key->text.ends_with(',');
      if (another) {
        key->text.pop_back();
      }
      if (key->text.contains(',')) {
        return parse_error(
            *key, fmt::format("Zones cannot contain a comma: '{}' - put a space after it", key->text));
      }
      if (!key->text.empty()) {
        keys.push_back(*std::move(key));
      }
    }
    return {};
  }

  static Result<void> comma_or_end(const Cursor& cursor, bool after_comma) {
    if (after_comma) {
      return parse_error(cursor.peek(), "Expected another address but had '{' - check for extra comma");
    }
    return {};
  }

  // Statements up to the `}` that belongs to the `{` before (depth > 0), or to the end of the tokens (depth
  // 0).
  Result<void> statements(Cursor& cursor, std::vector<Statement>& out, std::size_t depth) {
    while (!cursor.at_end()) {
      if (cursor.peek_is("}")) {
        cursor.take();
        return depth > 0 ? Result<void>() : unmatched_brace(cursor.last());
      }
      auto parsed = cursor.peek_is("import")
                        ? import(cursor, [&](Cursor& imported) { return statements(imported, out, 0); })
                        : statement(cursor, out, depth);
      if (!parsed) {
        return parsed;
      }
    }
    if (depth == 1) {
      return syntax_error(cursor.last(), "'}'");
    }
    return depth == 0 ? Result<void>() : parse_error(cursor.last(), "Unexpected EOF");
  }

  Result<void> statement(Cursor& cursor, std::vector<Statement>& out, std::size_t depth) {
    if (cursor.peek_is("{")) {
      return syntax_error(cursor.peek(), "a directive");
    }
    Statement statement;
    do {
      auto taken = word(cursor.take());
      if (!taken) {
        return std::unexpected(std::move(taken.error()));
      }
      statement.words.push_back(*std::move(taken));
      if (!cursor.line_goes_on()) {
        break;
      }
      if (cursor.peek_is("}")) {
        return unmatched_brace(cursor.peek());
      }
      statement.has_block = cursor.peek_is("{");
    } while (!statement.has_block);

    if (statement.has_block) {
      cursor.take();
      if (cursor.line_goes_on() && !cursor.peek_is("}")) {
        return syntax_error(cursor.peek(), "a new line after '{'");
      }
      if (depth + 1 >= kMaxBlockDepth) {
        return parse_error(cursor.last(), "blocks are nested too deeply");
      }
      if (auto parsed = statements(cursor, statement.block, std::max<std::size_t>(depth, 1) + 1); !parsed) {
        return parsed;
      }
    }
    out.push_back(std::move(statement));
    return {};
  }

  Result<void> snippet(Cursor& cursor, const Token& key) {
    if (!cursor.peek_is("{")) {
      return cursor.at_end() ? parse_error(key, "Unexpected EOF") : syntax_error(cursor.peek(), "'{'");
    }
    const auto [entry, is_new] = snippets_.try_emplace(key.text.substr(1, key.text.size() - 2));
    if (!is_new) {
      return parse_error(key, "redeclaration of previously declared snippet " + entry->first);
    }
    cursor.take();
    for (std::size_t depth = 1; !cursor.at_end();) {
      const Token& token = cursor.take();
      depth += token.text == "{" ? 1 : 0;
      depth -= token.text == "}" ? 1 : 0;
      if (depth == 0) {
        return {};
      }
      entry->second.push_back(token);
    }
    return syntax_error(cursor.last(), "'}'");
  }

  // `import NAME`: a snippet if there is one of that name, else files; either is read as if it stood here.
  Result<void> import(Cursor& cursor, const ParseTokens& parse_tokens) {
    const Token& keyword = cursor.take();
    if (!cursor.line_goes_on()) {
      return argument_error(keyword);
    }
    const auto pattern = word(cursor.take());
    if (!pattern) {
      return std::unexpected(pattern.error());
    }
    if (cursor.line_goes_on()) {
      return parse_error(cursor.peek(), "Import takes only one argument (glob pattern or file)");
    }
    if (const auto snippet = snippets_.find(pattern->text); snippet != snippets_.end()) {
      if (++snippet_expansions_ > kMaxSnippetExpansions) {
        return parse_error(*pattern, fmt::format("more than {} imports of snippets", kMaxSnippetExpansions));
      }
      // By value: the body may declare snippets of its own.
      return nested(*pattern, "(" + snippet->first + ")", std::vector<Token>(snippet->second), parse_tokens);
    }
    const auto files = find_import_files(*pattern);
    if (!files) {
      return std::unexpected(files.error());
    }
    if (files->empty()) {
      file_.warnings.push_back("No files matching import glob pattern: " + pattern->text);
    }
    for (const auto& path : *files) {
      if (auto parsed = import_file(*pattern, path, parse_tokens); !parsed) {
        return parsed;
      }
    }
    return {};
  }

  Result<void> import_file(const Token& where, const std::filesystem::path& path,
                           const ParseTokens& parse_tokens) {
    if (++file_imports_ > kMaxFileImports) {
      return parse_error(where, fmt::format("more than {} imports of files", kMaxFileImports));
    }
    const auto text = read_text_file(path, FileKinds::Regular);
    if (!text) {
      return parse_error(where, fmt::format("Could not import {}: {}", path.string(), text.error().what));
    }
    auto tokens = tokenize(*text, std::make_shared<const Source>(Source{path.string(), path.parent_path()}));
    if (!tokens) {
      return std::unexpected(std::move(tokens.error()));
    }
    return nested(where, path.string(), *std::move(tokens), parse_tokens);
  }

  Result<void> nested(const Token& where, const std::string& what, const std::vector<Token>& tokens,
                      const ParseTokens& parse_tokens) {
    if (std::ranges::find(active_imports_, what) != active_imports_.end()) {
      return parse_error(where, fmt::format("import cycle: {} imports itself", what));
    }
    if (active_imports_.size() >= kMaxImportDepth) {
      return parse_error(where, "imports are nested too deeply");
    }
    active_imports_.push_back(what);
    Cursor cursor(tokens);
    auto parsed = parse_tokens(cursor);
    active_imports_.pop_back();
    return parsed;
  }

  Result<Token> word(const Token& token) {
    if (++words_ > kMaxWords) {
      return parse_error(token, fmt::format("more than {} words", kMaxWords));
    }
    return expand_environment(token);
  }

  static Result<void> unmatched_brace(const Token& token) {
    return parse_error(token, "Unexpected '}' because no matching opening brace");
  }

  ParsedFile file_;
  std::map<std::string, std::vector<Token>, std::less<>> snippets_;
  std::vector<std::string> active_imports_;
  std::size_t snippet_expansions_ = 0;
  std::size_t file_imports_ = 0;
  std::size_t words_ = 0;
};

}  // namespace

Result<ParsedFile> parse(std::string_view text, const std::shared_ptr<const Source>& source) {
  return Parser().run(text, source);
}

}  // namespace meshdns::corefile
