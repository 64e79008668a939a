#include "zones/template/evaluator.hpp"

#include <fmt/format.h>

#include "zones/template/functions.hpp"
#include "zones/template/limits.hpp"
#include "zones/template/printf.hpp"
#include "zones/template/quote.hpp"

namespace meshdns::templates {

std::expected<std::string, std::string> Evaluator::run() {
  std::string out;
  for (std::size_t at = 0; at < program_.code.size();) {
    const Instruction& instruction = program_.code[at];
    ++at;
    if (instruction.kind == Instruction::Kind::Text) {
      out.append(program_.text, instruction.operand, instruction.size);
    } else if (instruction.kind == Instruction::Kind::Skip) {
      at = instruction.target;
    } else {
      const Result value = evaluate(instruction.operand);
      if (!value) {
        return std::unexpected(value.error());
      }
      if (instruction.kind == Instruction::Kind::Print) {
        print(out, *value);
      } else if (!is_true(*value)) {
        at = instruction.target;
      }
    }
    if (out.size() > kMaxRendered) {
      return std::unexpected(fmt::format("more than {} octets are rendered", kMaxRendered));
    }
  }
  return out;
}

Evaluator::Result Evaluator::evaluate(std::uint32_t number) {
  const Expression& expression = program_.expressions[number];
  switch (expression.kind) {
    case Expression::Kind::Field:
      if (const auto text = look_up(expression, std::get<std::string_view>(expression.value))) {
        return Value(*text);
      }
      return Value();
    case Expression::Kind::Call:
      return call(expression);
    default:
      return expression.value;
  }
}

std::uint32_t Evaluator::argument(const Expression& call, std::uint32_t number) const {
  return program_.arguments[call.first_argument + number];
}

Evaluator::Result Evaluator::call(const Expression& call) {
  if (call.function == Function::And || call.function == Function::Or) {
    return decide(call);
  }
  const std::size_t base = stack_.size();
  stack_.resize(base + call.argument_count);
  for (std::uint32_t i = 0; i < call.argument_count; ++i) {
    const std::uint32_t number = call.is_piped ? (i + call.argument_count - 1) % call.argument_count : i;
    const Result value = evaluate(argument(call, number));
    if (!value) {
      return value;
    }
    stack_[base + number] = *value;
  }
  Result result = apply(call, std::span(stack_).subspan(base));
  stack_.resize(base);
  return result;
}

Evaluator::Result Evaluator::decide(const Expression& call) {
  Value piped;
  std::uint32_t count = call.argument_count;
  if (call.is_piped) {
    --count;
    const Result value = evaluate(argument(call, count));
    if (!value) {
      return value;
    }
    piped = *value;
  }
  Value last;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Result value = evaluate(argument(call, i));
    if (!value || is_true(*value) == (call.function == Function::Or)) {
      return value;
    }
    last = *value;
  }
  return call.is_piped ? piped : last;
}

Evaluator::Result Evaluator::apply(const Expression& call, std::span<const Value> arguments) {
  switch (call.function) {
    case Function::Eq:
    case Function::Ne: {
      const auto is_equal = equal(arguments.front(), arguments.subspan(1));
      if (!is_equal) {
        return std::unexpected(is_equal.error());
      }
      return Value(*is_equal == (call.function == Function::Eq));
    }
    case Function::Not:
      return Value(!is_true(arguments.front()));
    case Function::Len:
      return length(arguments.front());
    case Function::Index:
      return program_.expressions[argument(call, 0)].kind == Expression::Kind::Data
                 ? index_data(program_.expressions[argument(call, 0)], arguments.subspan(1))
                 : index(arguments.front(), arguments.subspan(1));
    case Function::Label:
      return label(arguments.front());
    case Function::ParseInt:
      return parse_int(arguments);
    case Function::Printf: {
      const auto* format = std::get_if<std::string_view>(&arguments.front());
      if (format == nullptr) {
        return std::unexpected(
            fmt::format("the first argument of printf is {}, expected a text", type_name(arguments.front())));
      }
      auto text = go_printf(*format, arguments.subspan(1));
      return text ? keep(std::move(*text)) : std::unexpected(std::move(text.error()));
    }
    default:
      return Value();
  }
}

std::optional<std::string_view> Evaluator::look_up(const Expression& where, std::string_view name) const {
  if (!where.collection.empty()) {
    return data_.element ? data_.element(where.collection, name) : std::nullopt;
  }
  return data_.field ? data_.field(name) : std::nullopt;
}

// A map is a map[string]string for Go: what is not there is an empty text here, unlike in `.name`.
Evaluator::Result Evaluator::index_data(const Expression& data, std::span<const Value> arguments) {
  if (data.is_list) {
    const auto* number = std::get_if<std::int64_t>(&arguments.front());
    if (number == nullptr) {
      return std::unexpected(
          fmt::format("a list cannot be indexed with {}, expected an integer", type_name(arguments.front())));
    }
    const auto text = look_up(data, std::to_string(*number));
    return text ? index(Value(*text), arguments.subspan(1))
                : std::unexpected(fmt::format("index out of range: {}", *number));
  }
  const auto* key = std::get_if<std::string_view>(&arguments.front());
  if (key == nullptr) {
    return std::unexpected(
        fmt::format("the fields cannot be indexed with {}, expected a text", type_name(arguments.front())));
  }
  return index(Value(look_up(data, *key).value_or(std::string_view())), arguments.subspan(1));
}

Evaluator::Result Evaluator::label(const Value& name) {
  const auto* key = std::get_if<std::string_view>(&name);
  if (key == nullptr) {
    return std::unexpected(fmt::format("the name of a label is {}, expected a text", type_name(name)));
  }
  const auto text = data_.label ? data_.label(*key) : std::nullopt;
  if (!text) {
    return std::unexpected(fmt::format("label {} is not there", excerpt(*key)));
  }
  return Value(*text);
}

Evaluator::Result Evaluator::keep(std::string text) {
  made_size_ += text.size();
  if (made_size_ > kMaxMade) {
    return std::unexpected(fmt::format("printf makes more than {} octets", kMaxMade));
  }
  return Value(std::string_view(made_.emplace_front(std::move(text))));
}

}  // namespace meshdns::templates
