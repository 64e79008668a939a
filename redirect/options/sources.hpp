// Where options come from besides flags: a configuration document and the environment. Later sources win:
// defaults, documents in their order, environment, flags.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "redirect/options/options.hpp"

namespace meshdns::redirect {

// Kuma's transparent proxy configuration, in YAML or JSON. `name` is used in errors: `name:line:column: ...`.
// Lists replace those of an earlier document, objects are merged. Errors: InvalidConfig.
Result<void> apply_document(Options& options, const std::string& text, const std::string& name);

// Variables KUMA_TRANSPARENT_PROXY_...; lists are separated by commas, or by semicolons where an entry has
// commas itself. `get` is getenv. Errors: InvalidConfig.
Result<void> apply_environment(Options& options, const std::function<const char*(const char*)>& get);

}  // namespace meshdns::redirect
