#include "zones/kuma/read_template.hpp"

namespace meshdns::kuma {

templates::GoTemplate read_template(const Field& field, const templates::GoTemplate::Dialect& dialect) {
  const std::string& text = field.text("a template");
  if (text.empty()) {
    field.refuse("a template");
  }
  auto parsed = templates::GoTemplate::parse(text, dialect);
  if (!parsed) {
    field.fault(parsed.error().what, parsed.error().offset);
  }
  return *std::move(parsed);
}

}  // namespace meshdns::kuma
