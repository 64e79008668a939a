#include "zones/template/go_template.hpp"

#include <utility>

#include <fmt/format.h>

#include "zones/template/evaluator.hpp"
#include "zones/template/limits.hpp"
#include "zones/template/parser.hpp"

namespace meshdns::templates {

GoTemplate::GoTemplate() {
  static const auto empty = std::make_shared<const Program>();
  program_ = empty;
}

GoTemplate::GoTemplate(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

std::expected<GoTemplate, TemplateFault> GoTemplate::parse(std::string_view text, const Dialect& dialect) {
  if (text.size() > kMaxTemplate) {
    return std::unexpected(TemplateFault{
        kMaxTemplate,
        fmt::format("the template has {} octets, expected at most {}", text.size(), kMaxTemplate)});
  }
  const auto program = std::make_shared<Program>();
  program->text = text;
  try {
    compile(*program, dialect);
  } catch (TemplateFault& fault) {
    return std::unexpected(std::move(fault));
  }
  return GoTemplate(program);
}

std::expected<std::string, std::string> GoTemplate::render(const TemplateData& data) const {
  return Evaluator(*program_, data).run();
}

const std::string& GoTemplate::text() const {
  return program_->text;
}

std::string_view GoTemplate::static_tail() const {
  return program_->tail;
}

}  // namespace meshdns::templates
