#include "zones/template/value.hpp"

#include <array>

#include "zones/template/format_value.hpp"

namespace meshdns::templates {

bool is_nil(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

std::string_view type_name(const Value& value) {
  static constexpr std::array<std::string_view, std::variant_size_v<Value>> kNames{
      "<nil>", "bool", "int", "uint8", "float64", "string"};
  return kNames[value.index()];
}

bool is_true(const Value& value) {
  return std::visit(
      []<class T>(const T& is) {
        if constexpr (std::is_same_v<T, std::monostate>) {
          return false;
        } else if constexpr (std::is_same_v<T, std::string_view>) {
          return !is.empty();
        } else {
          return is != T{};
        }
      },
      value);
}

void print(std::string& out, const Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    out += *text;
  } else if (is_nil(value)) {
    out += "<no value>";
  } else {
    format_value(out, value, U'v', {});
  }
}

}  // namespace meshdns::templates
