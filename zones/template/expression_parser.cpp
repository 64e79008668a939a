#include "zones/template/expression_parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "zones/template/limits.hpp"
#include "zones/template/quote.hpp"
#include "zones/template/read_number.hpp"
#include "zones/template/signature.hpp"
#include "zones/template/unquote.hpp"

namespace meshdns::templates {
namespace {

constexpr std::string_view kOperands = "a field, a quoted text, a number, true, false, nil or parentheses";

constexpr std::array<std::string_view, 11> kKeywords{
    "if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "nil"};

bool is_keyword(std::string_view word) {
  return std::ranges::find(kKeywords, word) != kKeywords.end();
}

const Signature& signature_of(const Token& name, const GoTemplate::Dialect& dialect) {
  const Signature* found = find_signature(name.text, dialect);
  if (found == nullptr) {
    fail(name, fmt::format("function {} is not supported, expected one of: {}", excerpt(name.text),
                           function_names(dialect)));
  }
  return *found;
}

void check_count(const Token& name, const Signature& signature, std::size_t count) {
  if (count >= signature.least && count <= signature.most) {
    return;
  }
  const std::size_t expected = count < signature.least ? signature.least : signature.most;
  fail(name, fmt::format("function {} has {} argument{}, expected {}{}", signature.name, count,
                         count == 1 ? "" : "s", expected, signature.most == kAnyNumber ? " or more" : ""));
}

}  // namespace

ExpressionParser::ExpressionParser(TokenStream& tokens, Program& program, const GoTemplate::Dialect& dialect)
    : tokens_(tokens), program_(program), dialect_(dialect) {}

std::uint32_t ExpressionParser::pipeline() {
  return pipeline(Token::Kind::Close, 1);
}

std::uint32_t ExpressionParser::pipeline(Token::Kind closer, std::size_t depth) {
  std::uint32_t value = command(std::nullopt, closer, depth);
  while (tokens_.peek().kind == Token::Kind::Pipe) {
    tokens_.take();
    value = command(value, closer, depth);
  }
  tokens_.take();  // command() has seen that it is `closer`
  return value;
}

std::uint32_t ExpressionParser::command(std::optional<std::uint32_t> piped, Token::Kind closer,
                                        std::size_t depth) {
  const Token& start = tokens_.peek();
  if (start.kind == closer) {
    fail(start, fmt::format("unexpected {}, expected a value", describe(start)));
  }
  const bool is_constant = start.text == "true" || start.text == "false";
  if (start.kind == Token::Kind::Word && !is_constant && !is_keyword(start.text)) {
    return call(piped, closer, depth);
  }
  const std::uint32_t value = operand(depth);
  if (start.text == "nil") {
    fail(start, "nil is not a value on its own, expected it as an argument of a function");
  }
  if (piped) {
    fail(start, fmt::format("{} stands behind \"|\", expected a function: {}", describe(start),
                            function_names(dialect_)));
  }
  check_end_of_operand(start, closer);
  const Token& next = tokens_.peek();
  if (next.kind != closer && next.kind != Token::Kind::Pipe) {
    fail(next, fmt::format("{} is not a function and has no arguments, expected {} or \"|\"", describe(start),
                           closer == Token::Kind::Close ? "\"}}\"" : "\")\""));
  }
  return value;
}

std::uint32_t ExpressionParser::call(std::optional<std::uint32_t> piped, Token::Kind closer,
                                     std::size_t depth) {
  const Token& name = tokens_.take();
  const Signature& signature = signature_of(name, dialect_);
  check_end_of_operand(name, closer);
  std::vector<std::uint32_t> arguments;
  const Token* first = nullptr;
  while (tokens_.peek().kind != closer && tokens_.peek().kind != Token::Kind::Pipe) {
    const Token& start = tokens_.peek();
    first = first == nullptr ? &start : first;
    const bool may_be_data = signature.function == Function::Index && arguments.empty();
    const auto data = may_be_data ? data_to_index() : std::nullopt;
    arguments.push_back(data ? *data : operand(depth));
    check_end_of_operand(start, closer);
  }
  if (piped) {
    arguments.push_back(*piped);
  }
  check_count(name, signature, arguments.size());
  const Expression& front = program_.expressions[arguments.front()];
  if (front.kind == Expression::Kind::Data) {
    check_index(name, front, arguments);
  }
  if (signature.takes_text_first && front.kind == Expression::Kind::Constant &&
      !std::holds_alternative<std::string_view>(front.value)) {
    fail(first != nullptr ? *first : name, fmt::format("the first argument of {} is {}, expected a text",
                                                       signature.name, type_name(front.value)));
  }

  Expression made{
      .kind = Expression::Kind::Call, .function = signature.function, .is_piped = piped.has_value()};
  made.first_argument = static_cast<std::uint32_t>(program_.arguments.size());
  made.argument_count = static_cast<std::uint32_t>(arguments.size());
  for (const std::uint32_t argument : arguments) {
    made.depth = std::max(made.depth, program_.expressions[argument].depth + 1);
    program_.arguments.push_back(argument);
  }
  if (made.depth > kMaxDepth) {
    fail(name, fmt::format("the calls are nested too deeply, expected at most {}", kMaxDepth));
  }
  return add(made);
}

// What only index takes: `.`, or a collection as a whole.
std::optional<std::uint32_t> ExpressionParser::data_to_index() {
  const Token& token = tokens_.peek();
  if (token.kind == Token::Kind::Dot && dialect_.fields.empty()) {
    tokens_.take();
    return add({.kind = Expression::Kind::Data});
  }
  const auto* collection = find_collection(token);
  if (collection == nullptr) {
    return std::nullopt;
  }
  tokens_.take();
  const Token& next = tokens_.peek();
  if (next.kind == Token::Kind::Field && !next.is_apart) {
    return element(token, *collection);
  }
  return add(
      {.kind = Expression::Kind::Data, .collection = token.text.substr(1), .is_list = collection->is_list});
}

const GoTemplate::Collection* ExpressionParser::find_collection(const Token& token) const {
  if (token.kind != Token::Kind::Field) {
    return nullptr;
  }
  const auto found =
      std::ranges::find(dialect_.collections, token.text.substr(1), &GoTemplate::Collection::name);
  return found == dialect_.collections.end() ? nullptr : &*found;
}

void ExpressionParser::check_index(const Token& index, const Expression& data,
                                   std::span<const std::uint32_t> arguments) const {
  if (arguments.size() == 1) {
    fail(index, fmt::format("function index has no key behind \".{0}\", expected one: index .{0} {1}",
                            data.collection, data.is_list ? "1" : "\"name\""));
  }
  const Expression& key = program_.expressions[arguments[1]];
  const bool fits = data.is_list ? std::holds_alternative<std::int64_t>(key.value)
                                 : std::holds_alternative<std::string_view>(key.value);
  if (data.collection.empty() || key.kind != Expression::Kind::Constant) {
    return;
  }
  if (!fits) {
    fail(index, fmt::format("the key behind \".{}\" is {}, expected {}", data.collection,
                            type_name(key.value), data.is_list ? "an integer" : "a text"));
  }
  const auto collection =
      std::ranges::find(dialect_.collections, data.collection, &GoTemplate::Collection::name);
  check_key(index, *collection,
            data.is_list ? std::to_string(std::get<std::int64_t>(key.value))
                         : std::string(std::get<std::string_view>(key.value)));
}

void ExpressionParser::check_key(const Token& at, const GoTemplate::Collection& collection,
                                 std::string_view key) const {
  if (!collection.keys.empty() && std::ranges::find(collection.keys, key) == collection.keys.end()) {
    fail(at, fmt::format(".{} has no {}, expected one of: {}", collection.name, excerpt(key),
                         fmt::join(collection.keys, ", ")));
  }
}

// The field behind the name of a collection.
std::uint32_t ExpressionParser::element(const Token& name, const GoTemplate::Collection& collection) {
  const Token& key = tokens_.peek();
  const bool has_key = key.kind == Token::Kind::Field && !key.is_apart;
  if (collection.is_list || !has_key) {
    fail(name, collection.is_list ? fmt::format("{0} is a list, expected an element: index {0} 1", name.text)
                                  : fmt::format("{0} is a map, expected a field of it: {0}.name", name.text));
  }
  check_key(key, collection, key.text.substr(1));
  tokens_.take();
  return add(
      {.kind = Expression::Kind::Field, .collection = name.text.substr(1), .value = key.text.substr(1)});
}

std::uint32_t ExpressionParser::operand(std::size_t depth) {
  const Token& token = tokens_.take();
  switch (token.kind) {
    case Token::Kind::String:
      return string(token);
    case Token::Kind::Char:
      if (const auto rune = unquote_char(token.text)) {
        return add({.value = static_cast<std::int64_t>(*rune)});
      }
      fail(token,
           fmt::format("{} is not a character constant, expected one character as in Go: 'x'", token.text));
    case Token::Kind::Number:
      if (const auto number = read_number(token.text)) {
        return add({.value = *number});
      }
      fail(token, fmt::format("{} is not a number of 64 bits, expected one as in Go", excerpt(token.text)));
    case Token::Kind::Field:
      return field(token);
    case Token::Kind::Word:
      return word(token);
    case Token::Kind::LeftParen:
      return parenthesized(depth + 1);
    case Token::Kind::Close:  // the end of a pipeline in parentheses is never one
      fail(token, "a parenthesis is not closed, expected \")\"");
    case Token::Kind::Dot:
      fail(token, "\".\" alone is not supported, expected a field: .name");
    case Token::Kind::Variable:
      fail(token,
           fmt::format("variables ({}) are not supported, expected {}", excerpt(token.text), kOperands));
    default:
      fail(token, fmt::format("unexpected {}, expected {}", describe(token), kOperands));
  }
}

std::uint32_t ExpressionParser::parenthesized(std::size_t depth) {
  if (depth > kMaxDepth) {
    fail(tokens_.peek(),
         fmt::format("the parentheses are nested too deeply, expected at most {}", kMaxDepth));
  }
  return pipeline(Token::Kind::RightParen, depth);
}

std::uint32_t ExpressionParser::string(const Token& token) {
  auto text = unquote(token.text);
  if (!text) {
    fail(token, fmt::format("the text {} has an escape that Go does not have", excerpt(token.text)));
  }
  return add({.value = std::string_view(program_.literals.emplace_back(std::move(*text)))});
}

std::uint32_t ExpressionParser::field(const Token& token) {
  if (const auto* collection = find_collection(token)) {
    return element(token, *collection);
  }
  const std::string_view name = token.text.substr(1);
  if (!dialect_.fields.empty() && std::ranges::find(dialect_.fields, name) == dialect_.fields.end()) {
    std::string known;
    for (const std::string_view field : dialect_.fields) {
      known += fmt::format("{}.{}", known.empty() ? "" : ", ", field);
    }
    for (const GoTemplate::Collection& collection : dialect_.collections) {
      known += fmt::format(", .{}", collection.name);
    }
    fail(token, fmt::format("field {} does not exist, expected one of: {}", excerpt(token.text), known));
  }
  return add({.kind = Expression::Kind::Field, .value = name});
}

std::uint32_t ExpressionParser::word(const Token& token) {
  if (token.text == "true" || token.text == "false") {
    return add({.value = token.text == "true"});
  }
  if (token.text == "nil") {
    return add({});
  }
  if (is_keyword(token.text)) {
    fail(token, fmt::format("unexpected keyword {}, expected {}", token.text, kOperands));
  }
  signature_of(token, dialect_);
  fail(token, fmt::format("function {} has no arguments here, expected a call in parentheses", token.text));
}

// Go wants white space between operands, and sees a field right behind one as a field of it.
void ExpressionParser::check_end_of_operand(const Token& operand, Token::Kind closer) const {
  const Token& next = tokens_.peek();
  if (next.kind == Token::Kind::Field && !next.is_apart) {
    fail(next, fmt::format("field {} of {} is not supported, since texts have no fields", excerpt(next.text),
                           describe(operand)));
  }
  if (next.is_apart || next.kind == closer || next.kind == Token::Kind::Pipe) {
    return;
  }
  if (next.kind == Token::Kind::Other) {
    fail(next, fmt::format("unexpected {} behind {}", describe(next), describe(operand)));
  }
  fail(next, fmt::format("unexpected {} behind {}, expected white space", describe(next), describe(operand)));
}

std::uint32_t ExpressionParser::add(Expression expression) {
  program_.expressions.push_back(expression);
  return static_cast<std::uint32_t>(program_.expressions.size() - 1);
}

}  // namespace meshdns::templates
