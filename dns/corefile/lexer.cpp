#include "dns/corefile/lexer.hpp"

#include <array>
#include <utility>

#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Unicode's blanks beyond ASCII, in UTF-8: U+0085, U+00A0, U+1680, U+2000..U+200A, U+2028, U+2029, U+202F,
// U+205F, U+3000.
constexpr std::array<std::string_view, 19> kWideBlanks = {
    "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
    "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
    "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
    "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};

// Octets of the blank (not newline) that `text` begins with; 0 if it begins with none.
std::size_t blank_length(std::string_view text) {
  constexpr std::string_view kAsciiBlanks = " \t\v\f\r";
  if (kAsciiBlanks.contains(text.front())) {
    return 1;
  }
  if (static_cast<unsigned char>(text.front()) < 0x80) {
    return 0;
  }
  for (const auto blank : kWideBlanks) {
    if (text.starts_with(blank)) {
      return blank.size();
    }
  }
  return 0;
}

class Lexer {
 public:
  Lexer(std::string_view text, const std::shared_ptr<const Source>& source) : rest_(text), source_(source) {
    if (rest_.starts_with(kByteOrderMark)) {
      rest_.remove_prefix(kByteOrderMark.size());
    }
  }

  Result<std::vector<Token>> run() {
    while (!rest_.empty()) {
      if (rest_.front() == '\n') {
        ++line_;
        starts_line_ = true;
        rest_.remove_prefix(1);
      } else if (const auto blank = blank_length(rest_)) {
        rest_.remove_prefix(blank);
      } else if (rest_.front() == '#') {
        skip_comment();
      } else if (const auto token = rest_.front() == '"' ? quoted() : bare(); !token) {
        return std::unexpected(token.error());
      }
    }
    return std::move(tokens_);
  }

 private:
  void skip_comment() { rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size())); }

  Token& begin_token() {
    return tokens_.emplace_back(Token{{}, source_, line_, std::exchange(starts_line_, false)});
  }

  Result<void> bare() {
    auto& token = begin_token();
    while (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '#') {
      if (rest_.front() == '\0') {
        return parse_error(token, "Unexpected NUL octet");
      }
      // A carriage return inside a word vanishes: only a blank or the end of the line ends the word.
      if (rest_.front() == '\r') {
        rest_.remove_prefix(1);
        continue;
      }
      if (blank_length(rest_) != 0) {
        break;
      }
      token.text += rest_.front();
      rest_.remove_prefix(1);
    }
    return {};
  }

  Result<void> quoted() {
    auto& token = begin_token();
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\0') {
        return parse_error(token, "Unexpected NUL octet");
      }
      if (rest_.starts_with("\\\"")) {
        rest_.remove_prefix(1);
      }
      line_ += rest_.front() == '\n' ? 1 : 0;
      if (rest_.front() != '\r') {
        token.text += rest_.front();
      }
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) {
      return parse_error(token, "Unexpected EOF inside a quoted word");
    }
    rest_.remove_prefix(1);
    return {};
  }

  std::string_view rest_;
  std::shared_ptr<const Source> source_;
  std::uint32_t line_ = 1;
  bool starts_line_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view text, const std::shared_ptr<const Source>& source) {
  return Lexer(text, source).run();
}

}  // namespace meshdns::corefile
