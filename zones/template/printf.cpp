#include "zones/template/printf.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "zones/template/format_value.hpp"
#include "zones/template/limits.hpp"
#include "zones/template/utf8.hpp"

namespace meshdns::templates {
namespace {

constexpr std::int64_t kTooLarge = 1'000'000;  // Go's own limit of widths

struct TooLong {};

class Printf {
 public:
  Printf(std::string_view format, std::span<const Value> arguments)
      : format_(format), arguments_(arguments) {}

  std::string run() {
    for (;;) {
      const std::size_t percent = std::min(format_.find('%', at_), format_.size());
      out_ += format_.substr(at_, percent - at_);
      check_size();
      if (percent == format_.size()) {
        break;
      }
      at_ = percent + 1;
      directive();
      check_size();
    }
    if (!is_reordered_ && argument_ < arguments_.size()) {
      add_extra();
      check_size();
    }
    return std::move(out_);
  }

 private:
  void directive() {
    flags_ = {};
    is_good_number_ = true;
    read_flags();
    bool is_behind_number = read_argument_number();
    if (accept('*')) {
      read_starred_width();
      is_behind_number = false;
    } else {
      flags_.width = read_count();
      is_good_number_ = is_good_number_ && !(is_behind_number && flags_.width);
    }
    // Go: a final "%." has no precision, its "." is the verb.
    if (at_ + 1 < format_.size() && accept('.')) {
      is_good_number_ = is_good_number_ && !is_behind_number;
      is_behind_number = read_argument_number();
      if (accept('*')) {
        read_starred_precision();
        is_behind_number = false;
      } else {
        flags_.precision = read_count().value_or(0);
      }
    }
    if (!is_behind_number) {
      read_argument_number();
    }
    verb();
  }

  void verb() {
    if (at_ >= format_.size()) {
      out_ += "%!(NOVERB)";
      return;
    }
    const Rune rune = first_rune(format_.substr(at_));
    at_ += rune.size;
    if (rune.value == U'%') {
      out_ += '%';
    } else if (!is_good_number_) {
      complain(rune.value, "(BADINDEX)");
    } else if (argument_ >= arguments_.size()) {
      complain(rune.value, "(MISSING)");
    } else {
      format_value(out_, arguments_[argument_++], rune.value, flags_);
    }
  }

  void complain(char32_t verb, std::string_view why) {
    out_ += "%!";
    append_rune(out_, verb);
    out_ += why;
  }

  void add_extra() {
    std::string_view separator = "%!(EXTRA ";
    for (const Value& value : arguments_.subspan(argument_)) {
      out_ += std::exchange(separator, ", ");
      out_ += type_name(value);
      if (!is_nil(value)) {
        out_ += '=';
        format_value(out_, value, U'v', {});
      }
      check_size();
    }
    out_ += ')';
  }

  void read_flags() {
    for (; at_ < format_.size(); ++at_) {
      switch (format_[at_]) {
        case '#':
          flags_.sharp = true;
          break;
        case '0':
          flags_.zero = true;
          break;
        case '+':
          flags_.plus = true;
          break;
        case '-':
          flags_.minus = true;
          break;
        case ' ':
          flags_.space = true;
          break;
        default:
          return;
      }
    }
  }

  bool accept(char c) {
    const bool is_c = at_ < format_.size() && format_[at_] == c;
    at_ += is_c ? 1 : 0;
    return is_c;
  }

  // A width or a precision.
  std::optional<int> read_count() {
    std::optional<int> count;
    for (; at_ < format_.size() && format_[at_] >= '0' && format_[at_] <= '9'; ++at_) {
      count = checked(10 * count.value_or(0) + (format_[at_] - '0'));
    }
    return count;
  }

  // `[3]`: the argument that comes next. False: there is none, or it is not a number.
  bool read_argument_number() {
    if (at_ >= format_.size() || format_[at_] != '[') {
      return false;
    }
    is_reordered_ = true;
    const std::size_t close = has_brackets_ ? format_.find(']', at_) : format_.npos;
    if (close == format_.npos) {
      has_brackets_ = false;
      ++at_;
      is_good_number_ = false;
      return false;
    }
    std::size_t number = 0;
    bool is_number = close > at_ + 1;
    for (const char c : format_.substr(at_ + 1, close - at_ - 1)) {
      is_number = is_number && c >= '0' && c <= '9' && number < kTooLarge;
      number = is_number ? 10 * number + static_cast<std::size_t>(c - '0') : 0;
    }
    at_ = close + 1;
    if (is_number && number >= 1 && number <= arguments_.size()) {
      argument_ = number - 1;
    } else {
      is_good_number_ = false;
    }
    return is_number;
  }

  // The argument of a `*`.
  std::optional<std::int64_t> starred() {
    if (argument_ >= arguments_.size()) {
      return std::nullopt;
    }
    const Value& value = arguments_[argument_++];
    std::optional<std::int64_t> number;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      number = *integer;
    } else if (const auto* octet = std::get_if<std::uint8_t>(&value)) {
      number = *octet;
    }
    return number && *number <= kTooLarge && *number >= -kTooLarge ? number : std::nullopt;
  }

  void read_starred_width() {
    const auto width = starred();
    if (!width) {
      out_ += "%!(BADWIDTH)";
      return;
    }
    flags_.minus = flags_.minus || *width < 0;
    flags_.width = checked(*width < 0 ? -*width : *width);
  }

  void read_starred_precision() {
    const auto precision = starred();
    if (!precision || *precision < 0) {
      out_ += "%!(BADPREC)";
      return;
    }
    flags_.precision = checked(*precision);
  }

  static int checked(std::int64_t count) {
    if (count > static_cast<std::int64_t>(kMaxRendered)) {
      throw TooLong{};
    }
    return static_cast<int>(count);
  }

  void check_size() const {
    if (out_.size() > kMaxRendered) {
      throw TooLong{};
    }
  }

  std::string_view format_;
  std::span<const Value> arguments_;
  std::size_t at_ = 0;        // in the format
  std::size_t argument_ = 0;  // the one that comes next
  bool has_brackets_ = true;  // false: there is no `]` any more
  bool is_reordered_ = false;
  bool is_good_number_ = true;
  Directive flags_;
  std::string out_;
};

}  // namespace

std::expected<std::string, std::string> go_printf(std::string_view format, std::span<const Value> arguments) {
  try {
    return Printf(format, arguments).run();
  } catch (const TooLong&) {
    return std::unexpected(fmt::format("printf makes more than {} octets", kMaxRendered));
  }
}

}  // namespace meshdns::templates
