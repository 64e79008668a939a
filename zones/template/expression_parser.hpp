// ExpressionParser: what stands between `{{` and `}}`, to expressions of a Program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "zones/template/go_template.hpp"
#include "zones/template/program.hpp"
#include "zones/template/token_stream.hpp"

namespace meshdns::templates {

class ExpressionParser {
 public:
  ExpressionParser(TokenStream& tokens, Program& program, const GoTemplate::Dialect& dialect);

  // A pipeline up to and with the `}}` behind it: the number of its expression. Throws TemplateFault.
  std::uint32_t pipeline();

 private:
  std::uint32_t pipeline(Token::Kind closer, std::size_t depth);
  std::uint32_t command(std::optional<std::uint32_t> piped, Token::Kind closer, std::size_t depth);
  std::uint32_t call(std::optional<std::uint32_t> piped, Token::Kind closer, std::size_t depth);
  std::uint32_t operand(std::size_t depth);
  std::uint32_t parenthesized(std::size_t depth);
  std::uint32_t string(const Token& token);
  std::uint32_t field(const Token& token);
  std::optional<std::uint32_t> data_to_index();
  const GoTemplate::Collection* find_collection(const Token& token) const;
  void check_index(const Token& index, const Expression& data,
                   std::span<const std::uint32_t> arguments) const;
  void check_key(const Token& at, const GoTemplate::Collection& collection, std::string_view key) const;
  std::uint32_t element(const Token& name, const GoTemplate::Collection& collection);
  std::uint32_t word(const Token& token);
  void check_end_of_operand(const Token& operand, Token::Kind closer) const;
  std::uint32_t add(Expression expression);

  TokenStream& tokens_;
  Program& program_;
  const GoTemplate::Dialect& dialect_;
};

}  // namespace meshdns::templates
