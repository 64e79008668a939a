// Mustache templates of Dataplane documents, as `kuma-dp run --dataplane-var` fills them.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "zones/template/go_template.hpp"

namespace meshdns::templates {

// `variables`: `a.b=x` makes the object `a` with the member `b`. An unknown variable renders empty; `{{x}}`
// escapes HTML, `{{{x}}}` and `{{&x}}` do not. Sections (`{{#a}}`, `{{^a}}`) go by whether `a` is there.
// Refused: what is not closed or empty, partials, other delimiters.
std::expected<std::string, TemplateFault> render_mustache(
    std::string_view text, const std::map<std::string, std::string>& variables);

}  // namespace meshdns::templates
