#include "zones/text/yaml_events.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string>

#include <fmt/format.h>
#include <yaml.h>

#include "zones/text/utf8_text.hpp"

namespace meshdns::text {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kTagDirective = "\n%TAG";

constexpr std::size_t kMaxTagDirectives = 100;

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  return text;
}

// JSON may have tabs around it, where YAML has none.
std::string_view without_blanks_around_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) {
    return text;
  }
  return text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

// libyaml compares each tag directive with all the others of its document.
void refuse_many_tag_directives(std::string_view text) {
  std::size_t seen = 0;
  for (auto at = text.find(kTagDirective); at != std::string_view::npos;
       at = text.find(kTagDirective, at + 1)) {
    if (++seen > kMaxTagDirectives) {
      throw YamlFault{position_of(text, at + 1), "too many tag directives, expected none"};
    }
  }
}

struct Advice {
  std::string_view problem;
  std::string_view found;  // where the fault is noticed
  std::string_view text;
};

constexpr std::string_view kQuoteColon = ", expected quotes around text with ':'";
constexpr std::string_view kQuoteBegin = ", expected quotes around text that begins so";

// What most likely is meant, the first that fits.
constexpr std::array<Advice, 8> kAdvice{
    Advice{"", "\t", ", expected blanks instead of a tab"},
    Advice{"mapping values are not allowed in this context", ":", kQuoteColon},
    Advice{"found unexpected ':'", ":", kQuoteColon},
    Advice{"did not find expected node content", ":", kQuoteColon},
    Advice{"found character that cannot start any token", "", kQuoteBegin},
    Advice{"did not find expected alphabetic or numeric character", "", kQuoteBegin},
    Advice{"did not find expected <document start>", "", ", expected '---' before another document"},
    Advice{"found invalid Unicode character escape code", "",
           ", expected the character itself instead of two escapes"}};

std::string_view advice(std::string_view problem, std::string_view found) {
  const auto* const fitting = std::ranges::find_if(kAdvice, [&](const Advice& advice) {
    return problem.starts_with(advice.problem) && found.starts_with(advice.found);
  });
  return fitting == kAdvice.end() ? std::string_view() : fitting->text;
}

YamlNode::Style style_of(const yaml_event_t& scalar) {
  if (scalar.data.scalar.anchor != nullptr || scalar.data.scalar.tag != nullptr) {
    return YamlNode::Style::Block;
  }
  switch (scalar.data.scalar.style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
      return YamlNode::Style::SingleQuoted;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
      return YamlNode::Style::DoubleQuoted;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
      return YamlNode::Style::Block;
    default:
      return YamlNode::Style::Plain;
  }
}

}  // namespace

TextPosition PositionFinder::find(std::size_t character) {
  if (character < character_) {
    *this = PositionFinder(text_);
  }
  const auto is_inside_character = [&] {
    return offset_ < text_.size() && (static_cast<unsigned char>(text_[offset_]) & 0xC0U) == 0x80U;
  };
  for (; character_ < character && offset_ < text_.size(); ++character_) {
    if (text_[offset_++] == '\n') {
      ++line_;
      line_start_ = offset_;
    }
    while (is_inside_character()) {
      ++offset_;
    }
  }
  return {line_, static_cast<std::uint32_t>(offset_ - line_start_) + 1};
}

struct YamlEvents::Parser {
  Parser() {
    if (yaml_parser_initialize(&parser) == 0) {
      throw std::bad_alloc();
    }
  }
  ~Parser() {
    yaml_event_delete(&event);
    yaml_parser_delete(&parser);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  bool advance() {
    yaml_event_delete(&event);
    return yaml_parser_parse(&parser, &event) != 0;
  }

  yaml_parser_t parser{};
  yaml_event_t event{};
};

YamlEvents::YamlEvents(std::string_view text)
    : text_(without_byte_order_mark(text)), positions_(text_), parser_(std::make_unique<Parser>()) {
  refuse_binary(text_);
  refuse_many_tag_directives(text_);
  const std::string_view parsed = without_blanks_around_json(text_);
  skipped_ = static_cast<std::size_t>(parsed.data() - text_.data());
  yaml_parser_set_encoding(&parser_->parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser_->parser, reinterpret_cast<const unsigned char*>(parsed.data()),
                               parsed.size());
}

YamlEvents::~YamlEvents() = default;

std::optional<YamlEvent> YamlEvents::next() {
  while (parser_->advance()) {
    const yaml_event_t& event = parser_->event;
    switch (event.type) {
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event.data.scalar;
        return YamlEvent{.kind = YamlEvent::Kind::Scalar,
                         .style = style_of(event),
                         .quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE || scalar.tag != nullptr,
                         .text = std::string_view(reinterpret_cast<const char*>(scalar.value), scalar.length),
                         .at = position(event.start_mark.index)};
      }
      case YAML_ALIAS_EVENT:
        return YamlEvent{.kind = YamlEvent::Kind::Alias, .at = position(event.start_mark.index)};
      case YAML_SEQUENCE_START_EVENT:
        return YamlEvent{.kind = YamlEvent::Kind::ListStart, .at = position(event.start_mark.index)};
      case YAML_SEQUENCE_END_EVENT:
        return YamlEvent{.kind = YamlEvent::Kind::ListEnd, .at = {}};
      case YAML_MAPPING_START_EVENT:
        return YamlEvent{.kind = YamlEvent::Kind::MapStart, .at = position(event.start_mark.index)};
      case YAML_MAPPING_END_EVENT:
        return YamlEvent{.kind = YamlEvent::Kind::MapEnd, .at = {}};
      case YAML_STREAM_END_EVENT:
        return std::nullopt;
      default:
        break;
    }
  }
  fail();
}

TextPosition YamlEvents::position(std::size_t parsed_character) {
  return positions_.find(skipped_ + parsed_character);
}

void YamlEvents::fail() {
  const yaml_parser_t& parser = parser_->parser;
  if (parser.error == YAML_MEMORY_ERROR) {
    throw std::bad_alloc();
  }
  // The only fault of the reader itself: it is noticed before a character is counted.
  if (parser.error == YAML_READER_ERROR) {
    throw YamlFault{position_of(text_, skipped_ + parser.problem_offset),
                    fmt::format("not YAML: {}: U+{:04X}", parser.problem, parser.problem_value)};
  }
  const TextPosition at = position(parser.problem_mark.index);
  const std::string_view found = positions_.rest();
  std::string what = fmt::format("not YAML: {}", parser.problem);
  if (parser.context != nullptr) {
    what.append(" ").append(parser.context);
    if (parser.context_mark.index != parser.problem_mark.index) {
      const TextPosition begun = position(parser.context_mark.index);
      what += fmt::format(" begun at {}:{}", begun.line, begun.column);
    }
  }
  throw YamlFault{at, what.append(advice(parser.problem, found))};
}

}  // namespace meshdns::text
