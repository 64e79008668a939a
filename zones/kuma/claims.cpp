#include "zones/kuma/claims.hpp"

#include <fmt/format.h>

#include "zones/text/messages.hpp"

namespace meshdns::kuma {

std::uint32_t Claims::resource_text(std::string_view kind, const Meta& meta) {
  const auto [place, is_new] =
      resources_.try_emplace(&meta, static_cast<std::uint32_t>(zone_.origins.size()));
  if (is_new) {
    zone_.origins.push_back(text::one_line(meta.mesh.empty()
                                               ? fmt::format("{} {}", kind, meta.name)
                                               : fmt::format("{} {}/{}", kind, meta.mesh, meta.name)));
  }
  return place->second;
}

std::uint32_t Claims::rule_text(std::string_view rule) {
  const auto [place, is_new] =
      rules_.try_emplace(std::string(rule), static_cast<std::uint32_t>(zone_.origins.size()));
  if (is_new) {
    zone_.origins.push_back(text::one_line(rule));
  }
  return place->second;
}

void Claims::conflict(std::string_view name, std::string_view why, const ZoneClaim& kept,
                      const ZoneClaim& dropped) {
  if (++zone_.conflict_count <= kMaxConflicts) {
    zone_.conflicts.push_back({text::one_line(name), std::string(why), kept, dropped});
  }
}

}  // namespace meshdns::kuma
