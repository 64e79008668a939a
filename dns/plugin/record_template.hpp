// RecordTemplate: a record of the `template` directive.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/option_location.hpp>
#include <meshdns/result.hpp>

#include "dns/plugin/record.hpp"
#include "dns/plugin/template_tallies.hpp"
#include "zones/template/go_template.hpp"

namespace meshdns::plugin {

struct RecordFault {
  TemplateFault kind;
  std::string what;
};

// Immutable.
class RecordTemplate {
 public:
  // `groups` are the keys of .Group, `matches` those of .Match. Errors: InvalidConfig, for what is no
  // template, or is one without actions and no record.
  static Result<RecordTemplate> parse(const LocatedText& written, const std::vector<std::string>& groups,
                                      const std::vector<std::string>& matches);

  // The fault says what the actions made of it.
  std::expected<LocalRecord, RecordFault> make(const templates::TemplateData& data) const;

 private:
  explicit RecordTemplate(templates::GoTemplate text) : text_(std::move(text)) {}

  templates::GoTemplate text_;
  std::optional<LocalRecord> constant_;  // of a template without actions
};

// A fault of the directive, in the words of the Corefile's reader.
std::unexpected<Error> template_fault(const OptionLocation& where, const std::string& what);

}  // namespace meshdns::plugin
