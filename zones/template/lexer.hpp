// Lexer: a template to tokens. Comments are gone and white space is trimmed afterwards (`{{- ` and ` -}}`).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace meshdns::templates {

struct Token {
  enum class Kind : std::uint8_t {
    Text,
    Open,      // {{
    Close,     // }}
    Word,      // a keyword, true, false, nil or a function
    Field,     // .name
    Dot,       // . alone
    Variable,  // $name
    String,    // with its quotes, " or backquotes
    Char,      // with its quotes
    Number,
    Pipe,
    LeftParen,
    RightParen,
    Other,  // ,  =  :  := and other marks that mean nothing here
    End,    // of the template
  };

  Kind kind = Kind::End;
  bool is_apart = false;  // white space stands before it
  std::size_t offset = 0;
  std::string_view text;
};

// Throws TemplateFault. The last token is End.
std::vector<Token> tokenize(std::string_view text);

}  // namespace meshdns::templates
