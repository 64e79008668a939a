#include "zones/template/lexer.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "zones/template/go_template.hpp"
#include "zones/template/quote.hpp"
#include "zones/template/utf8.hpp"

namespace meshdns::templates {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kDigits = "0123456789_";

bool is_space(char c) {
  return kSpace.find(c) != kSpace.npos;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Lexer {
 public:
  explicit Lexer(std::string_view input) : input_(input) {}

  std::vector<Token> run() {
    while (at_ < input_.size()) {
      const std::size_t open = input_.find("{{", at_);
      if (open == input_.npos) {
        add_text(input_.size(), false);
        break;
      }
      const bool trims = peek(open + 2) == '-' && is_space(peek(open + 3));
      add_text(open, trims);
      const std::size_t start = open + (trims ? 4 : 2);
      at_ = start;
      if (input_.substr(at_).starts_with("/*")) {
        skip_comment(open);
      } else {
        tokens_.push_back({Token::Kind::Open, false, open, input_.substr(open, 2)});
        read_action(open);
      }
    }
    tokens_.push_back({Token::Kind::End, false, input_.size(), {}});
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t at) const { return at < input_.size() ? input_[at] : '\0'; }

  [[noreturn]] static void fail(std::size_t offset, std::string what) {
    throw TemplateFault{offset, std::move(what)};
  }

  void add_text(std::size_t end, bool trims_end) {
    std::string_view text = input_.substr(at_, end - at_);
    if (trims_next_) {
      text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
    }
    if (trims_end) {
      text = text.substr(0, text.find_last_not_of(kSpace) + 1);
    }
    trims_next_ = false;
    if (!text.empty()) {
      tokens_.push_back(
          {Token::Kind::Text, false, static_cast<std::size_t>(text.data() - input_.data()), text});
    }
    at_ = end;
  }

  // The size of `}}` or ` -}}` if one stands here, else 0.
  std::size_t closing() const {
    const std::string_view rest = input_.substr(at_);
    if (rest.starts_with("}}")) {
      return 2;
    }
    return !rest.empty() && is_space(rest[0]) && rest.substr(1).starts_with("-}}") ? 4 : 0;
  }

  void close(std::size_t size) {
    at_ += size;
    trims_next_ = size == 4;
  }

  void skip_comment(std::size_t open) {
    const std::size_t end = input_.find("*/", at_ + 2);
    if (end == input_.npos) {
      fail(open, "the comment is not closed, expected \"*/}}\"");
    }
    at_ = end + 2;
    if (closing() == 0) {
      fail(at_, "the comment does not end its braces, expected \"}}\" or \" -}}\" right behind \"*/\"");
    }
    close(closing());
  }

  void read_action(std::size_t open) {
    for (;;) {
      const std::size_t before = at_;
      while (closing() == 0 && is_space(peek(at_))) {
        ++at_;
      }
      const bool is_apart = at_ != before;
      if (const std::size_t size = closing(); size != 0) {
        tokens_.push_back({Token::Kind::Close, true, at_, input_.substr(at_, size)});
        return close(size);
      }
      if (at_ == input_.size()) {
        fail(open, "\"{{\" is not closed, expected \"}}\"");
      }
      const std::size_t start = at_;
      const Token::Kind kind = read_token();
      tokens_.push_back({kind, is_apart, start, input_.substr(start, at_ - start)});
    }
  }

  Token::Kind read_token() {
    const char c = input_[at_];
    switch (c) {
      case '"':
      case '\'':
        read_quoted(c);
        return c == '"' ? Token::Kind::String : Token::Kind::Char;
      case '`':
        read_raw();
        return Token::Kind::String;
      case '|':
        ++at_;
        return Token::Kind::Pipe;
      case '(':
        ++at_;
        return Token::Kind::LeftParen;
      case ')':
        ++at_;
        return Token::Kind::RightParen;
      case '$':
        ++at_;
        read_word("variable");
        return Token::Kind::Variable;
      case '.':
        if (const char next = peek(at_ + 1); next < '0' || next > '9') {
          ++at_;
          return read_word("field") ? Token::Kind::Field : Token::Kind::Dot;
        }
        read_number();
        return Token::Kind::Number;
      default:
        break;
    }
    if ((c >= '0' && c <= '9') || c == '+' || c == '-') {
      read_number();
      return Token::Kind::Number;
    }
    if (is_word(c)) {
      read_word("word");
      return Token::Kind::Word;
    }
    if (c > ' ' && c < 0x7f) {
      ++at_;
      return Token::Kind::Other;
    }
    const Rune rune = first_rune(input_.substr(at_));
    fail(at_, rune.is_valid
                  ? fmt::format("unexpected character U+{:04X} inside \"{{{{ }}}}\", expected ASCII outside "
                                "of quoted texts",
                                static_cast<unsigned>(rune.value))
                  : "unexpected octet inside \"{{ }}\", expected UTF-8");
  }

  bool ends_word() const {
    const char c = peek(at_);
    return at_ == input_.size() || is_space(c) ||
           std::string_view(".,|:()").find(c) != std::string_view::npos ||
           input_.substr(at_).starts_with("}}");
  }

  // Whether there are any characters of a word.
  bool read_word(std::string_view what) {
    const std::size_t start = at_;
    while (is_word(peek(at_))) {
      ++at_;
    }
    if (!ends_word()) {
      fail(at_, fmt::format("unexpected character {} in a {}, expected white space",
                            excerpt(input_.substr(at_, first_rune(input_.substr(at_)).size)), what));
    }
    return at_ != start;
  }

  void read_quoted(char quote) {
    const std::size_t start = at_++;
    for (; peek(at_) != quote; ++at_) {
      if (peek(at_) == '\\') {
        ++at_;
      }
      if (at_ >= input_.size() || input_[at_] == '\n') {
        fail(start, fmt::format("the text is not closed, expected {} on the same line", quote));
      }
    }
    ++at_;
  }

  void read_raw() {
    const std::size_t end = input_.find('`', at_ + 1);
    if (end == input_.npos) {
      fail(at_, "the raw text is not closed, expected a backquote");
    }
    at_ = end + 1;
  }

  bool accept(std::string_view any) {
    const bool is_any = at_ < input_.size() && any.find(input_[at_]) != any.npos;
    at_ += is_any ? 1 : 0;
    return is_any;
  }

  void accept_all(std::string_view any) {
    while (accept(any)) {
    }
  }

  // Roughly; the parser asks read_number(), which is exact.
  void read_number() {
    const std::size_t start = at_;
    accept("+-");
    std::string_view digits = kDigits;
    std::string_view exponent = "eE";
    if (accept("0")) {
      if (accept("xX")) {
        digits = "0123456789abcdefABCDEF_";
        exponent = "pP";
      } else if (accept("oO")) {
        digits = "01234567_";
        exponent = {};
      } else if (accept("bB")) {
        digits = "01_";
        exponent = {};
      }
    }
    accept_all(digits);
    if (accept(".")) {
      accept_all(digits);
    }
    if (accept(exponent)) {
      accept("+-");
      accept_all(kDigits);
    }
    if (peek(at_) == 'i') {
      fail(start, "imaginary numbers are not supported, expected an integer or a decimal number");
    }
    if (is_word(peek(at_)) || peek(at_) == '+' || peek(at_) == '-') {
      fail(start, fmt::format("{} is not a number", excerpt(input_.substr(start, at_ + 1 - start))));
    }
  }

  std::string_view input_;
  std::size_t at_ = 0;
  bool trims_next_ = false;  // the text behind ` -}}`
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  return Lexer(text).run();
}

}  // namespace meshdns::templates
