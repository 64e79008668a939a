#include "redirect/installation.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>

#include <fmt/format.h>

#include "redirect/backend/nftables_backend.hpp"
#include "redirect/firewalld.hpp"
#include "redirect/host/files.hpp"
#include "redirect/host/network_facts.hpp"
#include "redirect/host/passthrough_address.hpp"
#include "redirect/host/resolv_conf.hpp"
#include "redirect/host/state_folder.hpp"
#include "redirect/plan/nft_text.hpp"
#include "redirect/record.hpp"

namespace meshdns::redirect {
namespace {

Record read_record(const StateFolder& state) {
  return Record::from_text(state.record().value_or(""));
}

const std::string& of_family(const Record& record, const IptablesPrograms& programs) {
  return programs.family == Family::Ipv6 ? record.ipv6 : record.ipv4;
}

// For the programs of iptables of every kind, but for some: nothing shall be left.
std::vector<IptablesChange> removals(const InstallSettings& settings, const Record& record,
                                     const std::vector<IptablesChange>& except = {}) {
  std::vector<IptablesChange> changes;
  for (const IptablesPrograms& programs : find_iptables(settings.executables)) {
    const auto same = [&](const IptablesChange& other) {
      return other.programs.family == programs.family && other.programs.mode == programs.mode;
    };
    if (std::ranges::none_of(except, same)) {
      changes.push_back({programs, of_family(record, programs), ""});
    }
  }
  return changes;
}

Result<void> clear_nftables() {
  const Result<bool> removed = check_nftables() ? remove_nftables() : Result<bool>(false);
  return removed ? Result<void>() : std::unexpected(removed.error());
}

void append(std::vector<std::string>& texts, const std::vector<std::string>& more) {
  texts.insert(texts.end(), more.begin(), more.end());
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

// The record as it was, unless told that the install succeeded.
class RecordDraft {
 public:
  explicit RecordDraft(const StateFolder& state) : state_(state), before_(state.record()) {}
  void keep() { is_kept_ = true; }
  ~RecordDraft() {
    if (is_kept_) {
      return;
    }
    if (before_) {
      static_cast<void>(state_.write_record(*before_));
    } else {
      state_.remove_record();
    }
  }

 private:
  const StateFolder& state_;
  std::optional<std::string> before_;
  bool is_kept_ = false;
};

Result<void> put_nftables(const Prepared& prepared, const InstallSettings& settings, const StateFolder& state,
                          std::vector<std::string>& warnings) {
  RecordDraft draft(state);
  const Record before = read_record(state);
  // It has the old rules of iptables until they are gone: whatever happens, the next run knows both sets.
  Record record = before;
  record.backend = "nftables";
  bool removed = false;
  const auto clear_iptables = [&]() -> Result<void> {
    const auto listed = list_nftables(Counters::Hidden);
    record.nftables = listed && *listed ? **listed : "";
    if (const Result<void> written = state.write_record(record.to_text()); !written) {
      return written;
    }
    const auto changed = change_iptables(removals(settings, before), true, settings.iptables);
    if (!changed) {
      return std::unexpected(changed.error());
    }
    removed = changed->removed;
    append(warnings, changed->unclear);
    return {};
  };
  if (const Result<void> applied = apply_nftables(*prepared.nftables, clear_iptables); !applied) {
    return applied;
  }
  draft.keep();
  record.ipv4.clear();
  record.ipv6.clear();
  if (const Result<void> written = state.write_record(record.to_text()); !written) {
    warnings.push_back(written.error().what);
  }
  if (removed) {
    static_cast<void>(remove_empty_iptables_tables(before.created_tables));
  }
  return {};
}

Result<void> put_iptables(const Prepared& prepared, const InstallSettings& settings, const StateFolder& state,
                          std::vector<std::string>& warnings) {
  RecordDraft draft(state);
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
  for (const auto* family : {&prepared.ipv4, &prepared.ipv6}) {
    if (*family) {
      const IptablesPrograms& programs = *(*family)->programs;
      changes.push_back({programs, of_family(before, programs), (*family)->text});
    }
  }
  std::ranges::move(removals(settings, before, changes), std::back_inserter(changes));
  const auto changed = change_iptables(changes, true, settings.iptables, clear_nftables);
  if (!changed) {
    return std::unexpected(changed.error());
  }
  draft.keep();
  append(warnings, changed->unclear);
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
  return {};
}

// With the rules in firewalld's file as well, or neither.
Result<void> put_iptables_and_store(const Prepared& prepared, const InstallSettings& settings,
                                    const StateFolder& state, std::vector<std::string>& warnings) {
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
  const auto changed =
      change_iptables(removals(settings, record), also_kumactl, settings.iptables, clear_nftables);
  if (!changed) {
    return std::unexpected(changed.error());
  }
  std::vector<std::string> warnings = changed->unclear;
  if (!record.created_tables.empty()) {
    static_cast<void>(remove_empty_iptables_tables(record.created_tables));
  }
  state->remove_record();
  if (const Result<void> removed = remove_from_firewalld(settings.firewalld_folder); !removed) {
    return std::unexpected(removed.error());
  }
  for (const IptablesPrograms& programs : find_iptables(settings.executables)) {
    if (has_rules_of_kumactl(programs, "").value_or(false)) {
      warnings.push_back(
          fmt::format("{}: rules of kumactl are left, remove them with --also-kumactl", programs.name()));
      return warnings;
    }
  }
  if (const Result<void> removed = remove_passthrough_address(); !removed) {
    warnings.push_back(removed.error().what);
  }
  if (also_kumactl) {
    if (const Result<bool> restored = restore_resolv_conf(settings.resolv_conf); !restored) {
      return std::unexpected(restored.error());
    }
  }
  return warnings;
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
  if (const std::string backup = resolv_conf_backup(settings.resolv_conf);
      also_kumactl && std::filesystem::exists(backup)) {
    text += fmt::format("### {} ###\nmv {} {}\n", settings.resolv_conf, backup, settings.resolv_conf);
  }
  return text;
}

}  // namespace meshdns::redirect
