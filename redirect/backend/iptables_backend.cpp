#include "redirect/backend/iptables_backend.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "redirect/host/run_command.hpp"

namespace meshdns::redirect {
namespace {

Goes who_goes(bool also_kumactl) {
  return [also_kumactl](Owner owner) {
    return owner == Owner::Meshdns || (also_kumactl && owner == Owner::Kumactl);
  };
}

// One family on its way from one set of rules to another, and back if it must be.
class Transition {
 public:
  Transition(const IptablesChange& change, bool also_kumactl, const IptablesSettings& settings)
      : change_(change),
        settings_(settings),
        goes_(who_goes(also_kumactl)),
        recorded_(parse_iptables(change.recorded)) {}

  Result<void> look() {
    const Result<std::string> saved = save_iptables(change_.programs);
    if (!saved) {
      return std::unexpected(saved.error());
    }
    before_ = parse_iptables(*saved);
    ownership_.emplace(before_, recorded_);
    return {};
  }

  bool has_something_to_remove() const { return !script("").empty(); }

  // With the commands that remove them.
  std::vector<std::string> unclear() const {
    std::vector<std::string> warnings;
    for (const IptablesRule& rule : before_.rules) {
      if (ownership_->of(rule) == Owner::Unclear) {
        warnings.push_back(fmt::format(
            "a rule is left that kumactl may have made, or somebody else; if it is kumactl's: {} -t {} -D "
            "{} {}",
            change_.programs.name(), rule.table, rule.chain, rule.spec));
      }
    }
    return warnings;
  }

  std::string script(const std::string& wanted) const {
    return iptables_replacement(before_, *ownership_, goes_, wanted);
  }

  Result<void> apply() {
    const std::string commands = script(change_.wanted);
    if (commands.empty()) {
      return {};
    }
    is_changed_ = true;
    Result<void> done = restore(commands);
    for (unsigned retry = 0; !done && retry < settings_.max_retries; ++retry) {
      // A try that failed may have changed a table or two.
      if (const Result<void> undone = undo(); !undone) {
        return undone;
      }
      std::this_thread::sleep_for(settings_.sleep_between_retries);
      done = restore(commands);
    }
    return done ? verify() : done;
  }

  // As it was, whatever apply() did. Rules of others that came in between stay.
  Result<void> undo() const {
    if (!is_changed_) {
      return {};
    }
    const Result<std::string> saved = save_iptables(change_.programs);
    if (!saved) {
      return std::unexpected(saved.error());
    }
    const IptablesRules now = parse_iptables(*saved);
    // Rules without a comment are to go again if they were wanted, or were on their way out.
    IptablesRules known = parse_iptables(change_.recorded + change_.wanted);
    for (const IptablesRule& rule : before_.rules) {
      if (goes_(ownership_->of(rule)) && !has_twin_that_stays(rule)) {
        known.rules.push_back(rule);
      }
    }
    const Ownership ownership(now, known);
    return restore(iptables_replacement(now, ownership, goes_, iptables_return(before_, *ownership_, goes_)));
  }

 private:
  bool has_twin_that_stays(const IptablesRule& rule) const {
    return std::ranges::any_of(before_.rules, [&](const IptablesRule& other) {
      return other.is(rule) && !goes_(ownership_->of(other));
    });
  }

  Result<void> restore(const std::string& commands) const {
    if (commands.empty()) {
      return {};
    }
    std::vector<std::string> words = {change_.programs.restore};
    if (change_.programs.mode == IptablesPrograms::Mode::Legacy) {
      words.push_back(fmt::format("--wait={}", settings_.lock_wait_seconds));
      if (settings_.lock_wait_interval_us != 0) {
        words.push_back(fmt::format("--wait-interval={}", settings_.lock_wait_interval_us));
      }
    }
    words.emplace_back("--noflush");
    const auto output = run_command(words, commands);
    if (!output) {
      return std::unexpected(output.error());
    }
    if (output->exit_code != 0) {
      return fail(Errc::Internal,
                  fmt::format("{} refused: {}", change_.programs.restore, first_line(*output)));
    }
    return {};
  }

  // Exactly the wanted rules, in their order in each chain, are ours.
  Result<void> verify() const {
    const Result<std::string> saved = save_iptables(change_.programs);
    if (!saved) {
      return std::unexpected(saved.error());
    }
    const IptablesRules now = parse_iptables(*saved);
    const IptablesRules wanted = parse_iptables(change_.wanted);
    const Ownership ownership(now, wanted);
    std::vector<IptablesRule> left = now.rules;
    std::erase_if(left, [&](const IptablesRule& rule) { return ownership.of(rule) != Owner::Meshdns; });
    for (const IptablesRule& rule : in_order(wanted.rules)) {
      const auto first = std::ranges::find_if(left, [&](const IptablesRule& other) {
        return other.table == rule.table && other.chain == rule.chain;
      });
      if (first == left.end() || !first->is(rule)) {
        return fail(Errc::Internal, fmt::format("{} does not show the rule \"{} {}\" at its place",
                                                change_.programs.save, rule.chain, rule.spec));
      }
      left.erase(first);
    }
    if (!left.empty()) {
      return fail(Errc::Internal, fmt::format("{} shows a rule of ours that was not asked for: \"{} {}\"",
                                              change_.programs.save, left[0].chain, left[0].spec));
    }
    return {};
  }

  const IptablesChange& change_;
  const IptablesSettings& settings_;
  Goes goes_;
  IptablesRules recorded_;
  IptablesRules before_;
  std::optional<Ownership> ownership_;
  bool is_changed_ = false;
};

}  // namespace

Result<IptablesChanged> change_iptables(const std::vector<IptablesChange>& changes, bool also_kumactl,
                                        const IptablesSettings& settings,
                                        const std::function<Result<void>()>& last) {
  std::vector<Transition> transitions;
  transitions.reserve(changes.size());
  IptablesChanged changed;
  for (const IptablesChange& change : changes) {
    Transition& transition = transitions.emplace_back(change, also_kumactl, settings);
    if (const Result<void> looked = transition.look(); !looked) {
      return std::unexpected(looked.error());
    }
    changed.removed = changed.removed || transition.has_something_to_remove();
    if (also_kumactl) {
      std::ranges::move(transition.unclear(), std::back_inserter(changed.unclear));
    }
  }
  Result<void> done;
  for (auto transition = transitions.begin(); done && transition != transitions.end(); ++transition) {
    done = transition->apply();
  }
  if (done && last) {
    done = last();
  }
  if (done) {
    return changed;
  }
  std::string what = done.error().what;
  bool is_undone = true;
  for (const Transition& transition : transitions) {
    if (const Result<void> undone = transition.undo(); !undone) {
      is_undone = false;
      what += "; " + undone.error().what;
    }
  }
  return fail(done.error().code, is_undone ? what + "; the rules that stood before are back" : what);
}

Result<std::string> iptables_script(const IptablesChange& change, bool also_kumactl) {
  const IptablesSettings settings;
  Transition transition(change, also_kumactl, settings);
  if (const Result<void> looked = transition.look(); !looked) {
    return std::unexpected(looked.error());
  }
  return transition.script(change.wanted);
}

Result<bool> has_rules_of_kumactl(const IptablesPrograms& programs, const std::string& recorded) {
  const Result<std::string> saved = save_iptables(programs);
  if (!saved) {
    return std::unexpected(saved.error());
  }
  const IptablesRules rules = parse_iptables(*saved);
  const IptablesRules ours = parse_iptables(recorded);
  const Ownership ownership(rules, ours);
  return std::ranges::any_of(rules.rules,
                             [&](const IptablesRule& rule) { return ownership.of(rule) == Owner::Kumactl; });
}

}  // namespace meshdns::redirect
