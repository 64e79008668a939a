#include "redirect/preparation.hpp"

#include <fmt/format.h>

#include "redirect/backend/nftables_backend.hpp"
#include "redirect/host/network_facts.hpp"
#include "redirect/host/passthrough_address.hpp"
#include "redirect/plan/iptables_plan.hpp"
#include "redirect/plan/iptables_text.hpp"
#include "redirect/plan/nft_text.hpp"
#include "redirect/plan/nftables_plan.hpp"

namespace meshdns::redirect {

std::unexpected<Error> not_permitted() {
  return fail(Errc::NotPermitted, "the rules of this host need CAP_NET_ADMIN: run this as root");
}

namespace {

void append(std::vector<std::string>& texts, std::vector<std::string> more) {
  texts.insert(texts.end(), more.begin(), more.end());
}

// `auto` asks the kernel whether it takes the very rules. It may lack nf_tables or one of its modules, or a
// policy of the host may forbid what CAP_NET_ADMIN allows. A table that another program owns is no reason.
bool chooses_nftables(RedirectSpec::Backend backend, const Plan& plan, const InstallSettings& settings) {
  if (settings.store_firewalld) {
    return false;
  }
  if (backend != RedirectSpec::Backend::Auto) {
    return backend == RedirectSpec::Backend::Nftables;
  }
  if (!may_change_rules()) {
    return true;  // only a dry run comes so far
  }
  if (!check_nftables()) {
    return false;
  }
  const Result<void> tried = try_nftables(plan);
  return tried || tried.error().code != Errc::Unsupported;
}

// In a dry run a host without iptables, or without the right to use it, gets the rules of a host that is
// able.
Result<ChosenIptables> choose(const InstallSettings& settings) {
  if (!may_change_rules()) {
    return settings.dry_run ? Result<ChosenIptables>(ChosenIptables{}) : not_permitted();
  }
  Result<ChosenIptables> chosen = choose_iptables(find_iptables(settings.executables));
  if (!chosen && settings.dry_run) {
    const IptablesFacts without{.raw_table = false, .comments = false};
    ChosenIptables none{.facts = {.ipv4 = without, .ipv6 = without}};
    none.warnings.push_back(chosen.error().what);
    return none;
  }
  return chosen;
}

Result<Prepared> prepare_iptables(const RedirectSpec& spec, const InstallSettings& settings) {
  Result<ChosenIptables> chosen = choose(settings);
  if (!chosen) {
    return std::unexpected(chosen.error());
  }
  Prepared prepared;
  append(prepared.warnings, chosen->warnings);
  const auto add = [&](Family family, const IptablesFacts& facts,
                       const std::optional<IptablesPrograms>& programs,
                       std::optional<Prepared::Family>& place) -> Result<void> {
    Result<Plan> plan = iptables_plan(spec, facts, family);
    if (!plan) {
      return std::unexpected(plan.error());
    }
    append(prepared.warnings, plan->warnings);
    place = Prepared::Family{
        programs,
        iptables_text(*plan, {.comments = spec.comments && facts.comments, .verbose = settings.verbose}),
        iptables_text(*plan, {})};
    return {};
  };
  if (const auto added = add(Family::Ipv4, chosen->facts.ipv4, chosen->ipv4, prepared.ipv4); !added) {
    return std::unexpected(added.error());
  }
  if (!spec.ipv6 || !has_ipv6_address()) {
    return prepared;
  }
  if (!chosen->facts.ipv6.usable) {
    prepared.warnings.emplace_back("IPv6 is left alone: ip6tables does not work here");
    return prepared;
  }
  if (const auto added = add(Family::Ipv6, chosen->facts.ipv6, chosen->ipv6, prepared.ipv6); !added) {
    return std::unexpected(added.error());
  }
  return prepared;
}

}  // namespace

std::string Prepared::text() const {
  if (nftables) {
    return nft_install_text(*nftables);
  }
  std::string text;
  for (const auto& [family, heading] : {std::pair{&ipv4, "### IPv4 ###"}, std::pair{&ipv6, "### IPv6 ###"}}) {
    if (*family) {
      text += fmt::format("{}{}\n\n{}", text.empty() ? "" : "\n", heading, (*family)->text);
    }
  }
  return text;
}

Result<Prepared> prepare(const RedirectSpec& spec, const InstallSettings& settings) {
  if (!settings.dry_run && !may_change_rules()) {
    return not_permitted();
  }
  // Says also whether there is anything to install.
  const Result<Plan> plan = nftables_plan(spec);
  if (!plan) {
    return std::unexpected(plan.error());
  }
  Result<Prepared> prepared;
  if (chooses_nftables(spec.backend, *plan, settings)) {
    prepared->nftables = *plan;
    prepared->warnings = plan->warnings;
  } else {
    prepared = prepare_iptables(spec, settings);
  }
  if (prepared) {
    prepared->needs_passthrough_address = spec.ipv6 && spec.inbound.enabled && has_ipv6_address();
  }
  return prepared;
}

}  // namespace meshdns::redirect
