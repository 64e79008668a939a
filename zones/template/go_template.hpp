// GoTemplate: the part of Go's text/template that VirtualOutbounds and HostnameGenerators can use.
//
// Understood: fields (`.name`), `{{if}}`, `{{else if}}`, `{{else}}`, `{{end}}`, the functions eq ne and or
// not printf index len (and `label` where a caller has labels), pipelines, parentheses, strings, numbers,
// booleans, comments, trimming of white space (`{{-`, `-}}`). Anything else is refused by parse(). Immutable
// after parse(): may be shared between threads.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace meshdns::templates {

struct Program;

struct TemplateFault {
  std::size_t offset = 0;  // in octets from the start of the template
  std::string what;        // "function \"html\" is not supported, expected one of: ..."
};

// What a template is evaluated with. Both functions return nullopt for what is not there. What they return is
// used until render() returns.
struct TemplateData {
  std::function<std::optional<std::string_view>(std::string_view)> field;
  // The function `label`, whose fault is an error; empty: the template has no such function.
  std::function<std::optional<std::string_view>(std::string_view)> label;
};

class GoTemplate {
 public:
  struct Dialect {
    bool has_label = false;  // whether the function `label` exists
    // Fields that exist; another one is refused. Empty: any, and one that is missing prints `<no value>`.
    std::span<const std::string_view> fields;
  };

  GoTemplate();  // the empty template

  static std::expected<GoTemplate, TemplateFault> parse(std::string_view text, const Dialect& dialect);

  // The error is a sentence: "label \"tier\" is not there", "index out of range: 3".
  std::expected<std::string, std::string> render(const TemplateData& data) const;

  const std::string& text() const;  // as it was written
  std::string_view static_tail()
      const;  // the literal text behind the last action; all of it if there is none

 private:
  explicit GoTemplate(std::shared_ptr<const Program> program);

  std::shared_ptr<const Program> program_;
};

}  // namespace meshdns::templates
