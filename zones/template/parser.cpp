#include "zones/template/parser.hpp"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "zones/template/expression_parser.hpp"
#include "zones/template/limits.hpp"

namespace meshdns::templates {
namespace {

class Parser {
 public:
  Parser(Program& program, const GoTemplate::Dialect& dialect)
      : program_(program),
        list_(tokenize(program.text)),
        tokens_(list_),
        expressions_(tokens_, program, dialect) {}

  void run() {
    for (;;) {
      const Token& token = tokens_.take();
      if (token.kind == Token::Kind::End) {
        break;
      }
      if (token.kind == Token::Kind::Text) {
        program_.tail += token.text;
        program_.code.push_back({.operand = static_cast<std::uint32_t>(token.offset),
                                 .size = static_cast<std::uint32_t>(token.text.size())});
      } else {
        program_.tail.clear();
        action(token);
      }
    }
    if (!open_.empty()) {
      fail(open_.back().where, "{{if}} has no {{end}}");
    }
  }

 private:
  struct OpenIf {
    Token where;
    std::optional<std::uint32_t> unmet;   // the SkipIfFalse of the last condition, until its target is known
    std::vector<std::uint32_t> finished;  // the Skips behind the branches
    bool has_else = false;
  };

  void action(const Token& open) {
    const Token& start = tokens_.peek();
    if (start.kind == Token::Kind::Word) {
      if (start.text == "if") {
        tokens_.take();
        return open_if(open);
      }
      if (start.text == "else") {
        tokens_.take();
        return open_else(open);
      }
      if (start.text == "end") {
        tokens_.take();
        return close_if(open);
      }
      static constexpr std::array<std::string_view, 7> kUnsupported{"range", "with",  "define",  "template",
                                                                    "block", "break", "continue"};
      for (const std::string_view keyword : kUnsupported) {
        if (start.text == keyword) {
          fail(start, fmt::format("{{{{{}}}}} is not supported, expected a value, if, else or end", keyword));
        }
      }
    }
    const std::uint32_t value = expressions_.pipeline();
    program_.code.push_back({.kind = Instruction::Kind::Print, .operand = value});
  }

  void open_if(const Token& open) {
    if (open_.size() == kMaxDepth) {
      fail(open, fmt::format("{{{{if}}}} is nested too deeply, expected at most {}", kMaxDepth));
    }
    open_.push_back({.where = open});
    condition();
  }

  void condition() {
    const std::uint32_t value = expressions_.pipeline();
    open_.back().unmet = here();
    program_.code.push_back({.kind = Instruction::Kind::SkipIfFalse, .operand = value});
  }

  void open_else(const Token& open) {
    if (open_.empty() || open_.back().has_else) {
      fail(open, open_.empty() ? "{{else}} without {{if}}" : "{{else}} behind {{else}}, expected {{end}}");
    }
    OpenIf& opened = open_.back();
    opened.finished.push_back(here());
    program_.code.push_back({.kind = Instruction::Kind::Skip});
    program_.code[*opened.unmet].target = here();
    opened.unmet.reset();
    if (tokens_.is_word("if")) {
      tokens_.take();
      condition();
    } else {
      expect_close("else", "if or \"}}\"");
      opened.has_else = true;
    }
  }

  void close_if(const Token& open) {
    if (open_.empty()) {
      fail(open, "{{end}} without {{if}}");
    }
    expect_close("end", "\"}}\"");
    const OpenIf& opened = open_.back();
    if (opened.unmet) {
      program_.code[*opened.unmet].target = here();
    }
    for (const std::uint32_t skip : opened.finished) {
      program_.code[skip].target = here();
    }
    open_.pop_back();
  }

  void expect_close(std::string_view keyword, std::string_view expected) {
    const Token& next = tokens_.take();
    if (next.kind != Token::Kind::Close) {
      fail(next, fmt::format("unexpected {} behind {}, expected {}", describe(next), keyword, expected));
    }
  }

  std::uint32_t here() const { return static_cast<std::uint32_t>(program_.code.size()); }

  Program& program_;
  std::vector<Token> list_;
  TokenStream tokens_;
  ExpressionParser expressions_;
  std::vector<OpenIf> open_;
};

}  // namespace

void compile(Program& program, const GoTemplate::Dialect& dialect) {
  Parser(program, dialect).run();
}

}  // namespace meshdns::templates
