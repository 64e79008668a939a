// A YAML text as a sequence of events, each with the place where it is written.
//
// The only door to libyaml, which the YAML library of Go is a port of: Kuma and meshdns read a file alike. It
// gets no further than its caller, so what is refused early costs nothing. The text must outlive the reader.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "zones/text/yaml_file.hpp"

namespace meshdns::text {

struct YamlEvent {
  enum class Kind : std::uint8_t { Scalar, Alias, ListStart, ListEnd, MapStart, MapEnd };

  Kind kind = Kind::Scalar;
  YamlNode::Style style = YamlNode::Style::Plain;  // scalars only, and so are the next two
  bool quoted = false;                             // text whatever it looks like: in quotes or with a tag
  std::string_view text;                           // until the next event
  TextPosition at;                                 // not for ends
};

// Finds places in a text that are asked for in their order, as line and column, by counting from the last
// one.
class PositionFinder {
 public:
  explicit PositionFinder(std::string_view text) : text_(text) {}

  // `character` counts characters of UTF-8 from 0. Linear over all calls, unless one looks back.
  TextPosition find(std::size_t character);

  // The text from what was found last.
  std::string_view rest() const { return text_.substr(offset_); }

 private:
  std::string_view text_;
  std::size_t character_ = 0;
  std::size_t offset_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
};

class YamlEvents {
 public:
  // Throws YamlFault if the text is binary.
  explicit YamlEvents(std::string_view text);
  ~YamlEvents();
  YamlEvents(const YamlEvents&) = delete;
  YamlEvents& operator=(const YamlEvents&) = delete;

  // Nothing at the end of the text. Throws YamlFault, after which there is nothing more to read. Documents
  // are not told apart: each is one scalar, list or map.
  std::optional<YamlEvent> next();

 private:
  struct Parser;

  TextPosition position(std::size_t parsed_character);
  [[noreturn]] void fail();

  std::string_view text_;
  std::size_t skipped_ = 0;  // blanks in front of what is parsed
  PositionFinder positions_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace meshdns::text
