// Renders a template with a few fields, for the tests of this folder.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "zones/template/go_template.hpp"

namespace meshdns::templates {

using Fields = std::map<std::string, std::string, std::less<>>;

inline TemplateData data_of(const Fields& fields, const Fields& labels = {}) {
  const auto find = [](const Fields& in) {
    return [&in](std::string_view name) -> std::optional<std::string_view> {
      const auto found = in.find(name);
      return found != in.end() ? std::optional<std::string_view>(found->second) : std::nullopt;
    };
  };
  return {find(fields), find(labels)};
}

// What is rendered, or "parse: OFFSET: ..." or "render: ...".
inline std::string rendered(std::string_view text, const Fields& fields = {}, const Fields& labels = {}) {
  const auto made = GoTemplate::parse(text, {.has_label = true});
  if (!made) {
    return "parse: " + std::to_string(made.error().offset) + ": " + made.error().what;
  }
  auto out = made->render(data_of(fields, labels));
  return out ? *out : "render: " + out.error();
}

}  // namespace meshdns::templates
