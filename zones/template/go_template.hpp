// GoTemplate: the part of Go's text/template that short texts of operators need: VirtualOutbounds,
// HostnameGenerators, records of the `template` directive.
//
// Understood: fields (`.name`), `{{if}}`, `{{else if}}`, `{{else}}`, `{{end}}`, the functions eq ne and or
// not printf index len (and what the Dialect adds), pipelines, parentheses, strings, numbers, booleans,
// comments, trimming of white space (`{{-`, `-}}`). Anything else is refused by parse(). Immutable after
// parse(): may be shared between threads.
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

// What a template is evaluated with. The functions return nullopt for what is not there. What they return is
// used until render() returns.
struct TemplateData {
  std::function<std::optional<std::string_view>(std::string_view)> field;
  // The function `label`, whose fault is an error; empty: the template has no such function.
  std::function<std::optional<std::string_view>(std::string_view)> label;
  // Of a collection: of a map by its key, of a list by its number in decimal digits.
  std::function<std::optional<std::string_view>(std::string_view collection, std::string_view key)> element;
};

class GoTemplate {
 public:
  // A field that is no text: a map (`.name.key`, `index .name "key"`) or a list (`index .name 1`) of texts.
  struct Collection {
    std::string_view name;
    bool is_list = false;
    // That exist; another one that is written out is refused. Empty: any.
    std::span<const std::string> keys;
  };

  struct Dialect {
    bool has_label = false;      // whether the function `label` exists
    bool has_parse_int = false;  // whether `parseInt TEXT BASE BITS` exists: strconv.ParseUint
    // Fields that exist; another one is refused. Empty: any, and one that is missing prints `<no value>`.
    std::span<const std::string_view> fields;
    std::span<const Collection> collections;
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
