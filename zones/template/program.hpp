// Program: a template as Parser leaves it and Evaluator runs it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "zones/template/value.hpp"

namespace meshdns::templates {

enum class Function : std::uint8_t { And, Eq, Index, Label, Len, Ne, Not, Or, ParseInt, Printf };

struct Expression {
  enum class Kind : std::uint8_t {
    Constant,  // `value`
    Field,     // its name is `value`; if `collection` is set, the key there
    Data,      // `.`, the map of all fields, or a collection; only as the first argument of index
    Call,
  };

  Kind kind = Kind::Constant;
  Function function = Function::And;
  bool is_piped = false;             // the last argument comes from the stage before: it is evaluated first
  std::uint32_t first_argument = 0;  // in Program::arguments
  std::uint32_t argument_count = 0;
  std::uint32_t depth = 1;  // of the calls in it
  std::string_view collection;
  bool is_list = false;  // the collection
  Value value;
};

struct Instruction {
  enum class Kind : std::uint8_t {
    Text,         // appends `size` octets of Program::text from `operand`
    Print,        // appends the value of expression `operand`
    SkipIfFalse,  // goes on at instruction `target` if expression `operand` is false
    Skip,         // goes on at instruction `target`
  };

  Kind kind = Kind::Text;
  std::uint32_t operand = 0;
  std::uint32_t size = 0;
  std::uint32_t target = 0;
};

// Its texts refer to each other: it stays where it is built.
struct Program {
  Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::string text;
  std::string tail;  // behind the last action
  std::vector<Instruction> code;
  std::vector<Expression> expressions;
  std::vector<std::uint32_t> arguments;  // numbers of expressions
  std::deque<std::string> literals;      // a deque, because Values point into them
};

}  // namespace meshdns::templates
