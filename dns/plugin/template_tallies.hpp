// TemplateTallies: what one `template` counts: its matches by class and type, and records that could not be
// made.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/answer_options.hpp>

#include "dns/plugin/tally.hpp"

namespace meshdns::plugin {

enum class TemplateSection : std::uint8_t { Answer, Authority, Additional };

// What went wrong: the actions of a record's text, or what they made is no record.
enum class TemplateFault : std::uint8_t { Actions, Record };

// Immutable. The labels say nothing that is not written in the Corefile, so they are few.
class TemplateTallies {
 public:
  // `options` with the zones in force.
  explicit TemplateTallies(const TemplateOptions& options);

  const std::vector<Tally>& all() const { return all_; }

  // Indices into all(). `zone` counts the options' zones, `record` those of the section.
  std::size_t match(std::size_t zone, std::string_view qclass, std::string_view qtype) const;
  std::size_t failure(std::size_t zone, TemplateSection section, std::size_t record,
                      TemplateFault fault) const;

 private:
  std::vector<std::string> classes_;  // the last one stands for all that are not in front of it
  std::vector<std::string> types_;
  std::array<std::size_t, 3> first_record_{};  // by section, among all records
  std::size_t records_ = 0;
  std::size_t zones_ = 0;
  std::vector<Tally> all_;
};

}  // namespace meshdns::plugin
