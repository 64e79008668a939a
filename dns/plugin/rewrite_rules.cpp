#include "dns/plugin/rewrite_rules.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include <meshdns/domain_name.hpp>

#include "dns/plugin/own_query.hpp"

namespace meshdns::plugin {
namespace {

using Subject = RewriteOptions::Subject;

class RewrittenQuery final : public Rewrite {
 public:
  RewrittenQuery(std::vector<std::uint8_t> query, std::span<const std::uint8_t> question,
                 std::vector<ResponseChange> changes)
      : query_(std::move(query)), question_(question.begin(), question.end()), changes_(std::move(changes)) {}

  std::span<const std::uint8_t> query() const override { return query_; }
  std::vector<std::uint8_t> restore(std::span<const std::uint8_t> response) const override {
    return change_response(response, question_, changes_);
  }

 private:
  std::vector<std::uint8_t> query_;
  std::vector<std::uint8_t> question_;  // the client's
  std::vector<ResponseChange> changes_;
};

std::string text_of(const DomainName& name) {
  return name.is_root() ? "." : name.to_string() + ".";
}

void add(std::vector<ResponseChange>& changes, const NameMapping& names) {
  changes.emplace_back(OwnerChange{names});
  changes.emplace_back(ValueChange{names});
}

}  // namespace

struct RewriteRules::Draft {
  std::string name;
  bool is_renamed = false;
  OwnQuestion question;  // but for the name
  std::vector<ResponseChange> changes;
};

Result<std::unique_ptr<RewriteRules>> RewriteRules::make(const std::vector<RewriteOptions>& rules) {
  auto made = std::make_unique<RewriteRules>();
  for (const RewriteOptions& options : rules) {
    auto rule = make_rule(options);
    if (!rule) {
      return fail(Errc::InvalidConfig, fmt::format("plugin/rewrite: {}:{}: {}", options.where.file,
                                                   options.where.line, rule.error().what));
    }
    made->rules_.push_back(*std::move(rule));
  }
  return made;
}

Result<RewriteRules::Rule> RewriteRules::make_rule(const RewriteOptions& options) {
  auto match = NamePattern::make(options.match);
  if (!match) {
    return std::unexpected(std::move(match.error()));
  }
  Rule rule{.options = options, .match = *std::move(match), .changes = {}};
  if (options.answer_auto && options.match.kind == NameMatch::Kind::Suffix) {
    add(rule.changes, NameMapping::suffix(options.name, options.match.text));
  }
  for (const RewriteOptions::Answer& answer : options.answers) {
    auto pattern = NamePattern::make({NameMatch::Kind::Regex, answer.pattern});
    if (!pattern) {
      return std::unexpected(std::move(pattern.error()));
    }
    NameMapping names = NameMapping::pattern(*std::move(pattern), answer.replacement);
    rule.changes.push_back(answer.is_value ? ResponseChange(ValueChange{std::move(names)})
                                           : ResponseChange(OwnerChange{std::move(names)}));
  }
  if (options.subject == Subject::Ttl) {
    rule.changes.emplace_back(TtlChange{options.from, options.to});
  }
  if (options.subject == Subject::Rcode) {
    rule.changes.emplace_back(
        RcodeChange{static_cast<std::uint16_t>(options.from), static_cast<std::uint16_t>(options.to)});
  }
  return rule;
}

// True if the rule has something to do here.
bool RewriteRules::apply(const Rule& rule, Draft& draft) {
  const RewriteOptions& options = rule.options;
  switch (options.subject) {
    case Subject::Name: {
      auto other = rule.match.replaced(draft.name, options.name);
      if (!other) {
        return false;
      }
      if (options.answer_auto && options.match.kind != NameMatch::Kind::Suffix) {
        const std::string absolute = other->ends_with('.') ? *other : *other + ".";
        add(draft.changes, NameMapping::tree(absolute, draft.name));
      }
      draft.name = *std::move(other);
      draft.is_renamed = true;
      break;
    }
    case Subject::Type:
    case Subject::Class: {
      std::uint16_t& value = options.subject == Subject::Type ? draft.question.qtype : draft.question.qclass;
      if (value != options.from) {
        return false;
      }
      value = static_cast<std::uint16_t>(options.to);
      break;
    }
    case Subject::Ttl:
    case Subject::Rcode:
      if (!rule.match.matches(draft.name)) {
        return false;
      }
      break;
  }
  draft.changes.insert(draft.changes.end(), rule.changes.begin(), rule.changes.end());
  return true;
}

std::unique_ptr<const Rewrite> RewriteRules::rewrite(const wire::QueryView& query) const {
  Draft draft{.name = text_of(DomainName::from_wire(query.qname())),
              .is_renamed = false,
              .question = same_question(query),
              .changes = {}};
  bool is_rewritten = false;
  for (const Rule& rule : rules_) {
    const bool applied = apply(rule, draft);
    is_rewritten |= applied;
    if (applied && !rule.options.continues) {
      break;
    }
  }
  if (!is_rewritten) {
    return nullptr;
  }
  std::optional<DomainName> name;
  if (draft.is_renamed) {
    auto parsed = DomainName::parse(draft.name);
    if (!parsed) {
      return std::make_unique<RewrittenQuery>(std::vector<std::uint8_t>(), query.question(),
                                              std::vector<ResponseChange>());
    }
    name = *std::move(parsed);
    draft.question.qname = name->wire();
  }
  return std::make_unique<RewrittenQuery>(own_query(query, draft.question), query.question(),
                                          std::move(draft.changes));
}

}  // namespace meshdns::plugin
