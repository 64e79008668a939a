#include "zones/kuma/read_kinds.hpp"

namespace meshdns::kuma {

std::string_view mesh_of_stored_vips(std::string_view name) {
  static constexpr std::string_view kPrefix = "kuma-";
  static constexpr std::string_view kSuffix = "-dns-vips";
  if (name.size() <= kPrefix.size() + kSuffix.size() || !name.starts_with(kPrefix) ||
      !name.ends_with(kSuffix)) {
    return {};
  }
  return name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
}

StoredVips read_stored_vips(std::string_view mesh, const Field& json) {
  return {.mesh = std::string(mesh), .json = json.text("JSON in a text"), .where = json.where()};
}

}  // namespace meshdns::kuma
