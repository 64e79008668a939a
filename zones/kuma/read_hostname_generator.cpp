#include <array>

#include "zones/kuma/read_kinds.hpp"
#include "zones/kuma/read_template.hpp"

namespace meshdns::kuma {
namespace {

constexpr std::array<std::string_view, 5> kFields{"Name", "DisplayName", "Namespace", "Mesh", "Zone"};

constexpr std::array<std::string_view, 3> kSelectors{"meshService", "meshExternalService",
                                                     "meshMultiZoneService"};

}  // namespace

HostnameGenerator read_hostname_generator(Meta meta, const Field& content) {
  HostnameGenerator generator{.meta = std::move(meta)};
  const Field selector = content["spec"]["selector"];
  std::size_t count = 0;
  for (std::size_t kind = 0; kind < kSelectors.size(); ++kind) {
    if (const Field of_kind = selector[kSelectors[kind]]; of_kind.is_given()) {
      ++count;
      generator.selects = static_cast<Backend::Kind>(kind);
      generator.match_labels = of_kind["matchLabels"].texts();
    }
  }
  if (count != 1) {
    selector.fault("expected exactly one of: meshService, meshExternalService, meshMultiZoneService");
  }
  generator.name_template =
      read_template(content["spec"]["template"], {.has_label = true, .fields = kFields});
  return generator;
}

}  // namespace meshdns::kuma
