#include "dns/corefile/directives.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

bool accepts(const Arguments& arguments, const Statement& statement) {
  return statement.argument_count() >= arguments.min && statement.argument_count() <= arguments.max;
}

Result<void> apply_options(const Directive& directive, const Statement& statement, BlockDraft& draft) {
  for (const auto& line : statement.block) {
    const auto option = std::ranges::find(directive.options, line.name(), &Option::name);
    if (option == directive.options.end() && directive.apply_other != nullptr) {
      if (auto applied = directive.apply_other(line, draft); !applied) {
        return applied;
      }
      continue;
    }
    if (option == directive.options.end()) {
      return parse_error(line.words.front(), "unknown property '" + line.name() + "'");
    }
    if (!accepts(option->arguments, line)) {
      return argument_error(line.words.back());
    }
    if (line.has_block) {
      return parse_error(line.words.back(), "option '" + line.name() + "' takes no block");
    }
    if (auto applied = option->apply(line, draft); !applied) {
      return applied;
    }
  }
  return {};
}

Result<void> apply_directive(const Directive& directive, const Statement& statement, BlockDraft& draft) {
  if (!accepts(directive.arguments, statement)) {
    return argument_error(statement.words.back());
  }
  if (auto applied = directive.apply(statement, draft); !applied) {
    return applied;
  }
  return apply_options(directive, statement, draft);
}

}  // namespace

std::span<const Directive* const> all_directives() {
  static constexpr std::array kDirectives = {
      &kRoot,    &kMetadata, &kCancel, &kTimeouts, &kMultisocket, &kReload,     &kNsid,
      &kBufsize, &kBind,     &kDebug,  &kReady,    &kHealth,      &kPrometheus, &kAdmin,
      &kErrors,  &kLog,      &kLocal,  &kDns64,    &kAny,         &kChaos,      &kLoadbalance,
      &kRewrite, &kAcl,      &kMesh,   &kCache,    &kHeader,      &kMinimal,    &kTemplate,
      &kHosts,   &kFile,     &kLoop,   &kFilter,   &kAlternate,   &kForward,    &kWhoami,
  };
  return kDirectives;
}

std::string BlockDraft::path(const std::string& written) const {
  return root.empty() || written.starts_with('/') ? written : root + "/" + written;
}

Result<BlockDraft> apply_directives(const ServerBlock& block) {
  BlockDraft draft;
  draft.options.where = location_of(block.keys.front());
  // `root` holds for the directives in front of it, too.
  std::vector<Statement> statements = block.directives;
  std::ranges::stable_partition(statements,
                                [](const Statement& statement) { return statement.name() == kRoot.name; });
  std::set<const Directive*> seen;
  for (const auto& statement : statements) {
    const auto found = std::ranges::find(all_directives(), statement.name(), &Directive::name);
    if (found == all_directives().end()) {
      return parse_error(statement.words.front(), "Unknown directive '" + statement.name() + "'");
    }
    const Directive& directive = **found;
    if (std::ranges::find(draft.options.directives, directive.name) == draft.options.directives.end()) {
      draft.options.directives.emplace_back(directive.name);
    }
    auto applied = seen.insert(&directive).second || directive.repeatable
                       ? apply_directive(directive, statement, draft)
                       : config_error("this plugin can only be used once per Server Block");
    if (!applied) {
      return config_error("plugin/" + std::string(directive.name) + ": " + applied.error().what);
    }
  }
  if (draft.bound && draft.bind.empty()) {
    return config_error("plugin/bind: no address is left to listen on");
  }
  return draft;
}

}  // namespace meshdns::corefile
