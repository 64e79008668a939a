#include "redirect/installation.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "redirect/backend/nftables_backend.hpp"
#include "redirect/firewalld.hpp"
#include "redirect/host/files.hpp"
#include "redirect/host/network_facts.hpp"
#include "redirect/host/passthrough_address.hpp"
#include "redirect/host/state_folder.hpp"
#include "redirect/plan/iptables_plan.hpp"
#include "redirect/plan/nft_text.hpp"
#include "redirect/plan/nftables_plan.hpp"
#include "redirect/record.hpp"

namespace meshdns::redirect {
namespace {

std::unexpected<Error> not_permitted() {
  return fail(Errc::NotPermitted, "the rules of this host need CAP_NET_ADMIN: run this as root");
}

void append(std::vector<std::string>& texts, std::vector<std::string> more) {
  texts.insert(texts.end(), more.begin(), more.end());
}

bool chooses_nftables(RedirectSpec::Backend backend, const InstallSettings& settings) {
  if (settings.store_firewalld) {
    return false;
  }
  if (backend != RedirectSpec::Backend::Auto) {
    return backend == RedirectSpec::Backend::Nftables;
  }
  const Result<void> checked = check_nftables();
  return checked || checked.error().code == Errc::NotPermitted;
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

Record read_record(const StateFolder& state) {
  return Record::from_text(state.record().value_or(""));
}

// Rules of iptables, whatever its kind: ours, and kumactl's where asked.
Result<bool> remove_iptables(const InstallSettings& settings, const Record& record, bool also_kumactl,
                             const std::vector<IptablesPrograms>& except) {
  std::vector<IptablesChange> changes;
  for (const IptablesPrograms& programs : find_iptables(settings.executables)) {
    const auto same = [&](const IptablesPrograms& other) {
      return other.family == programs.family && other.mode == programs.mode;
    };
    if (std::ranges::none_of(except, same)) {
      changes.push_back({programs, programs.family == Family::Ipv6 ? record.ipv6 : record.ipv4, ""});
    }
  }
  return change_iptables(changes, also_kumactl, settings.iptables);
}

std::vector<std::string> tables_of_iptables() {
  return list_iptables_tables().value_or(std::vector<std::string>{});
}

// Takes the address away again unless told that the install succeeded.
class PassthroughAddress {
 public:
  Result<void> add() {
    was_there_ = has_passthrough_address();
    return add_passthrough_address();
  }
  void keep() { is_kept_ = true; }
  ~PassthroughAddress() {
    if (!was_there_ && !is_kept_) {
      static_cast<void>(remove_passthrough_address());
    }
  }

 private:
  bool was_there_ = true;
  bool is_kept_ = false;
};

// direct.xml as it was, unless told that the install succeeded.
class FirewalldFile {
 public:
  explicit FirewalldFile(const std::string& folder)
      : path_(folder + "/direct.xml"), before_(read_file(path_)) {}
  void keep() { is_kept_ = true; }
  ~FirewalldFile() {
    if (is_kept_) {
      return;
    }
    if (before_) {
      static_cast<void>(write_file(path_, *before_, 0600));
    } else {
      std::remove(path_.c_str());
    }
  }

 private:
  std::string path_;
  Result<std::string> before_;
  bool is_kept_ = false;
};

Result<void> put_nftables(const Prepared& prepared, const InstallSettings& settings, StateFolder& state,
                          std::vector<std::string>& warnings) {
  const Record before = read_record(state);
  if (const Result<void> applied = apply_nftables(*prepared.nftables); !applied) {
    return applied;
  }
  const auto listed = list_nftables(Counters::Hidden);
  const Record record{.backend = "nftables",
                      .created_tables = before.created_tables,
                      .nftables = listed && *listed ? **listed : ""};
  if (const Result<void> written = state.write_record(record.to_text()); !written) {
    warnings.push_back(written.error().what);
  }
  if (const Result<bool> removed = remove_iptables(settings, before, true, {}); !removed) {
    warnings.push_back(
        fmt::format("rules of iptables from an earlier install are left: {}", removed.error().what));
  } else if (*removed) {
    static_cast<void>(remove_empty_iptables_tables(before.created_tables));
  }
  return {};
}

Result<void> put_iptables(const Prepared& prepared, const InstallSettings& settings, StateFolder& state,
                          std::vector<std::string>& warnings) {
  const std::optional<std::string> old_record = state.record();
  const Record before = read_record(state);
  const std::vector<std::string> tables_before = tables_of_iptables();
  const auto text_of = [](const std::optional<Prepared::Family>& family) {
    return family ? family->text : "";
  };
  Record record{.backend = prepared.ipv4->programs->name(),
                .created_tables = before.created_tables,
                .ipv4 = text_of(prepared.ipv4) + before.ipv4,
                .ipv6 = text_of(prepared.ipv6) + before.ipv6};
  // Before the rules: whatever happens, the next run knows both sets.
  if (const Result<void> written = state.write_record(record.to_text()); !written) {
    return written;
  }
  std::vector<IptablesChange> changes;
  std::vector<IptablesPrograms> used;
  for (const auto& [family, recorded] :
       {std::pair{&prepared.ipv4, &before.ipv4}, std::pair{&prepared.ipv6, &before.ipv6}}) {
    if (*family) {
      changes.push_back({*(*family)->programs, *recorded, (*family)->text});
      used.push_back(*(*family)->programs);
    }
  }
  if (const Result<bool> changed = change_iptables(changes, true, settings.iptables); !changed) {
    if (old_record) {
      static_cast<void>(state.write_record(*old_record));
    } else {
      state.remove_record();
    }
    return std::unexpected(changed.error());
  }
  for (const std::string& table : tables_of_iptables()) {
    if (std::ranges::find(tables_before, table) == tables_before.end()) {
      record.created_tables.push_back(table);
    }
  }
  record.ipv4 = text_of(prepared.ipv4);
  record.ipv6 = text_of(prepared.ipv6);
  if (const Result<void> written = state.write_record(record.to_text()); !written) {
    warnings.push_back(written.error().what);
  }
  const Result<bool> nftables = check_nftables() ? remove_nftables() : Result<bool>(false);
  const Result<bool> others = remove_iptables(settings, before, true, used);
  for (const auto* removed : {&nftables, &others}) {
    if (!*removed) {
      warnings.push_back(fmt::format("rules of an earlier install are left: {}", removed->error().what));
    }
  }
  return {};
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
  if (chooses_nftables(spec.backend, settings)) {
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

namespace {

// With the rules in firewalld's file as well, or neither.
Result<void> put_iptables_and_store(const Prepared& prepared, const InstallSettings& settings,
                                    StateFolder& state, std::vector<std::string>& warnings) {
  const std::string& folder = settings.firewalld_folder;
  FirewalldFile file(folder);
  if (const Result<void> stored = store_in_firewalld(folder, prepared.ipv4->stored_text,
                                                     prepared.ipv6 ? prepared.ipv6->stored_text : "");
      !stored) {
    file.keep();
    return stored;
  }
  if (const Result<void> put = put_iptables(prepared, settings, state, warnings); !put) {
    return put;
  }
  file.keep();
  if (const auto trap = prepared.ipv6 ? firewalld_ipv6_trap(folder) : std::nullopt) {
    warnings.push_back(*trap);
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> install(const Prepared& prepared, const InstallSettings& settings) {
  Result<StateFolder> state = StateFolder::open(settings.state_folder);
  if (!state) {
    return std::unexpected(state.error());
  }
  if (const Result<void> locked = state->lock(); !locked) {
    return std::unexpected(locked.error());
  }
  std::vector<std::string> warnings;
  PassthroughAddress address;
  if (prepared.needs_passthrough_address) {
    if (const Result<void> added = address.add(); !added) {
      warnings.push_back(added.error().what);
    }
  }
  const auto put = prepared.nftables          ? put_nftables
                   : settings.store_firewalld ? put_iptables_and_store
                                              : put_iptables;
  const Result<void> done = put(prepared, settings, *state, warnings);
  if (!done) {
    return std::unexpected(done.error());
  }
  address.keep();
  return warnings;
}

Result<std::vector<std::string>> uninstall(const InstallSettings& settings, bool also_kumactl) {
  if (!may_change_rules()) {
    return not_permitted();
  }
  Result<StateFolder> state = StateFolder::open(settings.state_folder);
  if (!state) {
    return std::unexpected(state.error());
  }
  if (const Result<void> locked = state->lock(); !locked) {
    return std::unexpected(locked.error());
  }
  const Record record = read_record(*state);
  if (const Result<void> checked = check_nftables(); checked) {
    if (const Result<bool> removed = remove_nftables(); !removed) {
      return std::unexpected(removed.error());
    }
  }
  if (const Result<bool> removed = remove_iptables(settings, record, also_kumactl, {}); !removed) {
    return std::unexpected(removed.error());
  }
  if (!record.created_tables.empty()) {
    static_cast<void>(remove_empty_iptables_tables(record.created_tables));
  }
  state->remove_record();
  if (const Result<void> removed = remove_from_firewalld(settings.firewalld_folder); !removed) {
    return std::unexpected(removed.error());
  }
  for (const IptablesPrograms& programs : find_iptables(settings.executables)) {
    if (has_rules_of_kumactl(programs, "").value_or(false)) {
      return std::vector{
          fmt::format("{}: rules of kumactl are left, remove them with --also-kumactl", programs.name())};
    }
  }
  if (const Result<void> removed = remove_passthrough_address(); !removed) {
    return std::vector{removed.error().what};
  }
  return std::vector<std::string>{};
}

Result<std::string> uninstall_text(const InstallSettings& settings, bool also_kumactl) {
  if (!may_change_rules()) {
    return not_permitted();
  }
  Result<StateFolder> state = StateFolder::open(settings.state_folder);
  if (!state) {
    return std::unexpected(state.error());
  }
  const Record record = read_record(*state);
  std::string text;
  if (const auto listed = list_nftables(Counters::Hidden); listed && *listed) {
    text += nft_uninstall_text();
  }
  for (const IptablesPrograms& programs : find_iptables(settings.executables)) {
    const Result<std::string> script = iptables_script(
        {programs, programs.family == Family::Ipv6 ? record.ipv6 : record.ipv4, ""}, also_kumactl);
    if (!script) {
      return std::unexpected(script.error());
    }
    text += script->empty() ? "" : fmt::format("### {} ###\n{}", programs.name(), *script);
  }
  return text;
}

}  // namespace meshdns::redirect
