#include "dns/corefile/environment.hpp"

#include <cstdlib>
#include <optional>

#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

constexpr int kMaxReplacements = 100;
constexpr std::size_t kMaxWord = 65536;

struct Reference {
  std::size_t begin;
  std::size_t end;
  std::string name;
};

std::optional<Reference> find_reference(std::string_view text, std::string_view open,
                                        std::string_view close) {
  for (auto begin = text.find(open); begin != std::string_view::npos; begin = text.find(open, begin + 1)) {
    const auto name = begin + open.size();
    const auto end = text.find(close, name);
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    if (end > name) {
      return Reference{begin, end + close.size(), std::string(text.substr(name, end - name))};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Token> expand_environment(Token token) {
  for (int replacements = 0;; ++replacements) {
    auto reference = find_reference(token.text, "{%", "%}");
    if (!reference) {
      reference = find_reference(token.text, "{$", "}");
    }
    if (!reference) {
      return token;
    }
    if (replacements == kMaxReplacements || token.text.size() > kMaxWord) {
      return parse_error(token, "environment variable '" + reference->name + "' expands without end");
    }
    const char* value = std::getenv(reference->name.c_str());
    token.text.replace(reference->begin, reference->end - reference->begin, value == nullptr ? "" : value);
  }
}

}  // namespace meshdns::corefile
