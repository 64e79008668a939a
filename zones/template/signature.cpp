#include "zones/template/signature.hpp"

#include <algorithm>
#include <array>

namespace meshdns::templates {
namespace {

// By name, except that those come last which not every dialect has.
constexpr std::array kSignatures{
    Signature{"and", Function::And, 1, kAnyNumber, false},
    Signature{"eq", Function::Eq, 2, kAnyNumber, false},
    Signature{"index", Function::Index, 1, kAnyNumber, false},
    Signature{"len", Function::Len, 1, 1, false},
    Signature{"ne", Function::Ne, 2, 2, false},
    Signature{"not", Function::Not, 1, 1, false},
    Signature{"or", Function::Or, 1, kAnyNumber, false},
    Signature{"printf", Function::Printf, 1, kAnyNumber, true},
    Signature{"label", Function::Label, 1, 1, true},
    Signature{"parseInt", Function::ParseInt, 3, 3, true},
};

bool exists(const Signature& signature, const GoTemplate::Dialect& dialect) {
  switch (signature.function) {
    case Function::Label:
      return dialect.has_label;
    case Function::ParseInt:
      return dialect.has_parse_int;
    default:
      return true;
  }
}

}  // namespace

const Signature* find_signature(std::string_view name, const GoTemplate::Dialect& dialect) {
  const auto* found = std::ranges::find(kSignatures, name, &Signature::name);
  return found != kSignatures.end() && exists(*found, dialect) ? found : nullptr;
}

std::string function_names(const GoTemplate::Dialect& dialect) {
  std::string names;
  for (const Signature& signature : kSignatures) {
    if (exists(signature, dialect)) {
      names += names.empty() ? "" : ", ";
      names += signature.name;
    }
  }
  return names;
}

}  // namespace meshdns::templates
