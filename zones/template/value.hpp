// Value: what an expression of a template yields, in the types of Go that such a template can make.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace meshdns::templates {

// Nothing there (Go's nil), bool, int, uint8 (an octet of a text), float64, string. Text is owned by the
// data, the program or the evaluator.
using Value = std::variant<std::monostate, bool, std::int64_t, std::uint8_t, double, std::string_view>;

bool is_nil(const Value& value);
std::string_view type_name(const Value& value);  // as %T prints it

// What {{if}}, and, or and not go by: false, 0, an empty text and what is not there are false.
bool is_true(const Value& value);

// As an action prints it: what is not there is `<no value>`.
void print(std::string& out, const Value& value);

}  // namespace meshdns::templates
