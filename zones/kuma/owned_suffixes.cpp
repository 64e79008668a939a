#include "zones/kuma/owned_suffixes.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <libpsl.h>

#include "zones/text/messages.hpp"

namespace meshdns::kuma {
namespace {

bool is_public_suffix(const std::string& name) {
  return psl_is_public_suffix2(psl_builtin(), name.c_str(), PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}

// Names that others on the host's network use too: RFC 6762 appendix G and what it is about, Kubernetes.
constexpr std::array<std::string_view, 10> kShared{"arpa",     "cluster.local",    "corp", "home",
                                                   "internal", "intranet",         "lan",  "local",
                                                   "private",  "svc.cluster.local"};

bool is_shared_with_others(const DomainName& suffix) {
  const std::string name = suffix.to_string();
  return std::ranges::find(kShared, name) != kShared.end() || is_public_suffix(name) ||
         (suffix.label_count() > 1 && is_public_suffix(suffix.parent().to_string()));
}

std::optional<DomainName> suffix_of(const HostnameGenerator& generator) {
  const std::string_view tail = generator.name_template.static_tail();
  if (tail.size() == generator.name_template.text().size()) {
    return std::nullopt;  // one name, which says nothing of its neighbours
  }
  const std::size_t dot = tail.find('.');
  if (dot == std::string_view::npos) {
    return std::nullopt;
  }
  const auto name = DomainName::parse(tail.substr(dot + 1));
  return name && !name->is_root() ? std::optional(*name) : std::nullopt;
}

}  // namespace

std::vector<DomainName> owned_suffixes(const Listing<HostnameGenerator>& generators,
                                       const KumaOptions& options, MeshZone& zone) {
  std::vector<DomainName> suffixes;
  if (const auto domain = DomainName::parse(options.domain); domain && !domain->is_root()) {
    suffixes.push_back(*domain);
  }
  for (const auto& generator : generators) {
    const auto suffix = suffix_of(*generator);
    if (!suffix) {
      continue;
    }
    if (is_shared_with_others(*suffix)) {
      text::warn(
          zone, in_file(generator->meta.where, generator.file),
          fmt::format("HostnameGenerator {} makes names below {}, which is not taken to belong to the mesh, "
                      "because others use it too; name it with 'owns' if it does",
                      generator->meta.name, text::quote(suffix->to_string())));
    } else {
      suffixes.push_back(*suffix);
    }
  }
  std::ranges::sort(suffixes);
  const auto repeated = std::ranges::unique(suffixes);
  suffixes.erase(repeated.begin(), repeated.end());
  std::erase_if(suffixes, [all = suffixes](const DomainName& name) {
    return std::ranges::any_of(
        all, [&](const DomainName& other) { return other != name && name.is_at_or_below(other); });
  });
  return suffixes;
}

}  // namespace meshdns::kuma
