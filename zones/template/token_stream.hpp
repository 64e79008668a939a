// TokenStream: the tokens of a template, of which one parser after the other takes its part.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "zones/template/lexer.hpp"

namespace meshdns::templates {

class TokenStream {
 public:
  explicit TokenStream(std::span<const Token> tokens) : tokens_(tokens) {}  // ends with End

  const Token& peek() const { return tokens_.front(); }
  const Token& take();  // stays at End
  bool is_word(std::string_view word) const;

 private:
  std::span<const Token> tokens_;
};

[[noreturn]] void fail(const Token& at, std::string what);  // throws TemplateFault
std::string describe(const Token& token);                   // for messages

}  // namespace meshdns::templates
