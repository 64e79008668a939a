// Claims: who made a name, in texts that a MeshZone keeps, and the record of who lost one.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "zones/kuma/resources_of_mesh.hpp"

namespace meshdns::kuma {

class Claims {
 public:
  explicit Claims(MeshZone& zone) : zone_(zone) {}

  // `kind` and the texts of `rule` are few; a resource's text is made once.
  template <class Resource>
  ZoneClaim claim(std::string_view kind, const Placed<Resource>& placed, std::string_view rule,
                  std::optional<ZoneLocation> inner = {}) {
    return {.resource = resource_text(kind, placed->meta),
            .rule = rule_text(rule),
            .where = in_file(inner.value_or(placed->meta.where), placed.file)};
  }

  // `dropped` wanted `name` too and did not get it.
  void conflict(std::string_view name, std::string_view why, const ZoneClaim& kept, const ZoneClaim& dropped);

 private:
  static constexpr std::size_t kMaxConflicts = 1000;

  std::uint32_t resource_text(std::string_view kind, const Meta& meta);
  std::uint32_t rule_text(std::string_view rule);

  MeshZone& zone_;
  std::unordered_map<const Meta*, std::uint32_t> resources_;
  std::unordered_map<std::string, std::uint32_t> rules_;
};

}  // namespace meshdns::kuma
