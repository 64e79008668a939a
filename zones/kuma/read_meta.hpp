// What every resource says about itself, in either form.
#pragma once

#include <optional>
#include <string_view>

#include "zones/kuma/field.hpp"
#include "zones/kuma/resources.hpp"

namespace meshdns::kuma {

// What of a kind decides how its name and mesh are written.
struct Scope {
  bool has_mesh = true;       // a mesh has several; else there is one for all meshes
  bool is_namespaced = true;  // on Kubernetes
  bool has_spec = true;       // `spec` and `status` in both forms; else only on Kubernetes
};

Meta read_universal_meta(const Field& document, const Scope& scope);
Meta read_kubernetes_meta(const Field& document, const Scope& scope);

// RFC 3339: `2025-03-04T05:06:07.5+02:00`. What nobody set, `0001-01-01T00:00:00Z`, is Time::min().
std::optional<Time> parse_time(std::string_view text);

}  // namespace meshdns::kuma
