#include "zones/kuma/hostname_generators.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <fmt/format.h>

#include "zones/kuma/dns_name.hpp"
#include "zones/kuma/virtual_outbound_match.hpp"
#include "zones/text/messages.hpp"

namespace meshdns::kuma {
namespace {

using Kind = Backend::Kind;

constexpr std::string_view kDisplayName = "kuma.io/display-name";
constexpr std::string_view kOrigin = "kuma.io/origin";
constexpr std::string_view kEnvironment = "kuma.io/env";
constexpr std::string_view kMesh = "kuma.io/mesh";
constexpr std::string_view kZone = "kuma.io/zone";
constexpr std::string_view kNamespace = "k8s.kuma.io/namespace";
constexpr std::string_view kHeadless = "k8s.kuma.io/is-headless-service";

std::string_view value_of(const Tags& labels, std::string_view key, std::string_view otherwise = "") {
  const auto found = labels.find(key);
  return found == labels.end() ? otherwise : std::string_view(found->second);
}

HostnameGenerator make_default(std::string_view name, Kind kind, std::string_view origin, Tags labels,
                               std::string_view text) {
  static constexpr std::array<std::string_view, 5> kFields{"Name", "DisplayName", "Namespace", "Mesh",
                                                           "Zone"};
  HostnameGenerator generator;
  generator.meta.name = name;
  generator.meta.labels = {{std::string(kOrigin), std::string(origin)}};
  generator.meta.created = Time::min();
  generator.selects = kind;
  generator.match_labels = std::move(labels);
  generator.match_labels.emplace(kOrigin, origin);
  generator.name_template = *templates::GoTemplate::parse(text, {.has_label = true, .fields = kFields});
  return generator;
}

// Zone first, then the oldest.
auto order_of(const Placed<HostnameGenerator>& generator) {
  return std::tuple<bool, Time, std::string_view>(value_of(generator->meta.labels, kOrigin) != "zone",
                                                  generator->meta.created, generator->meta.name);
}

templates::TemplateData data_of(const Backend& backend, const Tags& labels, const std::string& local_zone) {
  return {.field = [&](std::string_view field) -> std::optional<std::string_view> {
            if (field == "DisplayName") {
              return value_of(labels, kDisplayName, backend.meta.object_name);
            }
            if (field == "Namespace") {
              return value_of(labels, kNamespace);
            }
            if (field == "Mesh") {
              return backend.meta.mesh;
            }
            if (field == "Zone") {
              return value_of(labels, kZone, local_zone);
            }
            return backend.meta.object_name;
          },
          .label = [&](std::string_view key) -> std::optional<std::string_view> {
            const auto found = labels.find(key);
            return found == labels.end() ? std::nullopt : std::optional<std::string_view>(found->second);
          }};
}

// Names of the backends of one kind.
class KindNames {
 public:
  KindNames(std::span<BackendNames> backends, const KumaOptions& options, MeshZone& zone, Claims& claims)
      : options_(options), zone_(zone), claims_(claims) {
    for (BackendNames& backend : backends) {
      by_age_.push_back({&backend, complete_labels(*backend.backend, options.zone)});
    }
    std::ranges::stable_sort(by_age_, {}, [](const Named& named) {
      const Meta& meta = named.names->backend->meta;
      return std::pair<Time, std::string_view>(meta.created, meta.name);
    });
  }

  void take_status() {
    for (const Named& named : by_age_) {
      if (!uses_status(*named.names->backend)) {
        continue;
      }
      for (const std::string& hostname : named.names->backend->hostnames) {
        give(named, hostname, "status.addresses");
      }
    }
  }

  void apply(const HostnameGenerator& generator) {
    const std::string rule = "HostnameGenerator " + generator.meta.name;
    for (const Named& named : by_age_) {
      const Backend& backend = *named.names->backend;
      if (uses_status(backend) || !selects(generator.match_labels, named.labels)) {
        continue;
      }
      const auto hostname = generator.name_template.render(data_of(backend, named.labels, options_.zone));
      if (!hostname) {
        skip(named, rule, hostname.error());
      } else if (!is_rfc1123_subdomain(*hostname)) {
        skip(named, rule, fmt::format("{} is not a host name (RFC 1123)", text::quote(*hostname)));
      } else {
        give(named, *hostname, rule);
      }
    }
  }

 private:
  struct Named {
    BackendNames* names;
    Tags labels;
  };

  bool uses_status(const Backend& backend) const {
    return backend.has_status_addresses && !options_.prefer_computed;
  }

  void skip(const Named& named, const std::string& rule, const std::string& why) {
    const auto& backend = named.names->backend;
    text::warn(zone_, in_file(backend->meta.where, backend.file),
               fmt::format("{} {} gets no name from {}: {}", kind_text(backend->kind), backend->meta.name,
                           rule, why));
  }

  void give(const Named& named, const std::string& hostname, std::string_view rule) {
    const auto& backend = named.names->backend;
    const ZoneClaim claim = claims_.claim(kind_text(backend->kind), backend, rule);
    const auto [place, is_new] = taken_.try_emplace(hostname, Taken{named.names, claim});
    if (is_new) {
      named.names->names.push_back({hostname, claim});
    } else if (place->second.by != named.names) {
      claims_.conflict(hostname, "same host name", place->second.claim, claim);
    }
  }

  struct Taken {
    const BackendNames* by;
    ZoneClaim claim;
  };

  const KumaOptions& options_;
  MeshZone& zone_;
  Claims& claims_;
  std::vector<Named> by_age_;
  std::unordered_map<std::string, Taken> taken_;
};

}  // namespace

Tags complete_labels(const Backend& backend, const std::string& local_zone) {
  Tags labels = backend.meta.labels;
  const Meta& meta = backend.meta;
  // Only the global control plane makes MeshMultiZoneServices.
  const bool is_global = backend.kind == Kind::MeshMultiZoneService;
  labels.emplace(kMesh, meta.mesh);
  labels.emplace(kDisplayName, meta.object_name);
  labels.emplace(kOrigin, is_global ? "global" : "zone");
  labels.emplace(kEnvironment, meta.is_kubernetes ? "kubernetes" : "universal");
  if (!is_global) {
    labels.emplace(kZone, local_zone);
  }
  if (!meta.object_namespace.empty()) {
    labels.emplace(kNamespace, meta.object_namespace);
  }
  return labels;
}

std::span<const HostnameGenerator> default_generators() {
  static const auto make = [] {
    const auto with = [](std::string_view environment, std::string_view headless = "") {
      Tags labels{{std::string(kEnvironment), std::string(environment)}};
      if (!headless.empty()) {
        labels.emplace(kHeadless, headless);
      }
      return labels;
    };
    return std::array{
        make_default("local-mesh-external-service", Kind::MeshExternalService, "zone", {},
                     "{{ .DisplayName }}.extsvc.mesh.local"),
        make_default("local-universal-mesh-service", Kind::MeshService, "zone", with("universal"),
                     "{{ .DisplayName }}.svc.mesh.local"),
        make_default("synced-mesh-multi-zone-service", Kind::MeshMultiZoneService, "global", {},
                     "{{ .DisplayName }}.mzsvc.mesh.local"),
        make_default("synced-kube-mesh-service", Kind::MeshService, "global", with("kubernetes", "false"),
                     "{{ .DisplayName }}.{{ .Namespace }}.svc.{{ .Zone }}.mesh.local"),
        make_default(
            "synced-headless-kube-mesh-service", Kind::MeshService, "global", with("kubernetes", "true"),
            "{{ label \"statefulset.kubernetes.io/pod-name\" }}.{{ label \"k8s.kuma.io/service-name\" "
            "}}.{{ .Namespace }}.svc.{{ .Zone }}.mesh.local"),
        make_default("synced-universal-mesh-service", Kind::MeshService, "global", with("universal"),
                     "{{ .DisplayName }}.svc.{{ .Zone }}.mesh.local"),
        make_default("synced-mesh-external-service", Kind::MeshExternalService, "global", {},
                     "{{ .DisplayName }}.extsvc.mesh.local"),
    };
  };
  static const auto defaults = make();
  return defaults;
}

Listing<HostnameGenerator> generators_in_force(const Listing<HostnameGenerator>& written,
                                               bool with_defaults) {
  Listing<HostnameGenerator> all = written;
  if (with_defaults) {
    for (const HostnameGenerator& generator : default_generators()) {
      const auto has_name = [&](const auto& other) { return other->meta.object_name == generator.meta.name; };
      if (std::ranges::none_of(written, has_name)) {
        all.push_back({&generator, 0});
      }
    }
  }
  std::ranges::stable_sort(all, {}, order_of);
  return all;
}

void warn_of_bad_templates(const Listing<HostnameGenerator>& written, MeshZone& zone) {
  const auto word = [](std::string_view) { return std::optional<std::string_view>("word"); };
  for (const auto& generator : written) {
    const auto hostname = generator->name_template.render({.field = word, .label = word});
    if (hostname && is_rfc1123_subdomain(*hostname)) {
      continue;
    }
    text::warn(zone, in_file(generator->meta.where, generator.file),
               fmt::format("HostnameGenerator {}: spec.template {}", generator->meta.name,
                           hostname ? fmt::format("gives {} if every value is 'word', expected a host name "
                                                  "(RFC 1123)",
                                                  text::quote(*hostname))
                                    : hostname.error()));
  }
}

std::vector<BackendNames> name_backends(const Listing<Backend>& backends,
                                        const Listing<HostnameGenerator>& generators,
                                        const KumaOptions& options, MeshZone& zone, Claims& claims) {
  std::vector<BackendNames> named;
  named.reserve(backends.size());
  for (const auto& backend : backends) {
    named.push_back({backend, {}});
  }
  for (const Kind kind : {Kind::MeshService, Kind::MeshExternalService, Kind::MeshMultiZoneService}) {
    const auto of_kind = std::ranges::equal_range(
        named, kind, {}, [](const BackendNames& names) { return names.backend->kind; });
    KindNames names(of_kind, options, zone, claims);
    names.take_status();
    for (const auto& generator : generators) {
      if (generator->selects == kind) {
        names.apply(*generator);
      }
    }
  }
  return named;
}

}  // namespace meshdns::kuma
