#include "dns/plugin/record_template.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace meshdns::plugin {
namespace {

using templates::GoTemplate;

constexpr std::array<std::string_view, 5> kFields{"Zone", "Name", "Class", "Type", "Remote"};

}  // namespace

std::unexpected<Error> template_fault(const OptionLocation& where, const std::string& what) {
  return fail(Errc::InvalidConfig,
              fmt::format("plugin/template: {}:{} - Error during parsing: {}", where.file, where.line, what));
}

Result<RecordTemplate> RecordTemplate::parse(const LocatedText& written,
                                             const std::vector<std::string>& groups,
                                             const std::vector<std::string>& matches) {
  const std::array collections{GoTemplate::Collection{"Group", false, groups},
                               GoTemplate::Collection{"Match", true, matches}};
  auto text =
      GoTemplate::parse(written.text, {.has_parse_int = true, .fields = kFields, .collections = collections});
  if (!text) {
    return template_fault(written.where,
                          fmt::format("could not compile template: {}, at character {}: {}", written.text,
                                      text.error().offset + 1, text.error().what));
  }
  RecordTemplate made(*std::move(text));
  if (made.text_.static_tail() == made.text_.text()) {
    auto record = read_record(written.text);
    if (!record) {
      return template_fault(written.where, fmt::format("not a record: {}: {}", written.text, record.error()));
    }
    made.constant_ = *std::move(record);
  }
  return made;
}

std::expected<LocalRecord, RecordFault> RecordTemplate::make(const templates::TemplateData& data) const {
  if (constant_) {
    return *constant_;
  }
  auto text = text_.render(data);
  if (!text) {
    return std::unexpected(RecordFault{TemplateFault::Actions, std::move(text.error())});
  }
  auto record = read_record(*text);
  if (!record) {
    return std::unexpected(
        RecordFault{TemplateFault::Record, fmt::format("not a record: {}: {}", *text, record.error())});
  }
  return *std::move(record);
}

}  // namespace meshdns::plugin
