#include "zones/kuma/read_meta.hpp"

#include <algorithm>
#include <charconv>

namespace meshdns::kuma {
namespace {

constexpr std::string_view kDefaultMesh = "default";

// Exactly `digits` digits at the start of `text`, which loses them and the character behind them, `stop`.
std::optional<int> take_number(std::string_view& text, std::size_t digits, char stop) {
  const std::string_view number = text.substr(0, digits);
  int value = 0;
  const auto [end, error] = std::from_chars(number.begin(), number.end(), value);
  if (number.size() != digits || number.starts_with('-') || error != std::errc{} || end != number.end() ||
      (stop != '\0' && !text.substr(digits).starts_with(stop))) {
    return std::nullopt;
  }
  text.remove_prefix(digits + (stop == '\0' ? 0 : 1));
  return value;
}

// `.123456789` becomes microseconds.
std::optional<std::chrono::microseconds> take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) {
    return std::chrono::microseconds(0);
  }
  text.remove_prefix(1);
  const std::size_t size = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string digits(text.substr(0, std::min<std::size_t>(size, 6)));
  digits.resize(6, '0');
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  text.remove_prefix(size);
  return size == 0 ? std::nullopt : std::optional(std::chrono::microseconds(value));
}

// `Z` or `+02:00`, which must be all of it.
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if (text == "Z") {
    return std::chrono::minutes(0);
  }
  const bool is_west = text.starts_with('-');
  if (!is_west && !text.starts_with('+')) {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const auto hours = take_number(text, 2, ':');
  const auto minutes = hours ? take_number(text, 2, '\0') : std::nullopt;
  if (!minutes || !text.empty() || *hours > 24 || *minutes > 59) {
    return std::nullopt;
  }
  const std::chrono::minutes offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return is_west ? -offset : offset;
}

Time read_time(const Field& field) {
  static constexpr std::string_view kExpected = "a time such as 2025-03-04T05:06:07Z";
  if (!field.is_given()) {
    return Time::min();
  }
  const auto time = parse_time(field.text(kExpected));
  if (!time) {
    field.refuse(kExpected);
  }
  return *time;
}

std::string read_name(const Field& field) {
  const std::string& name = field.text("a name");
  if (name.empty()) {
    field.refuse("a name");
  }
  return name;
}

std::string mesh_or_default(std::string_view mesh) {
  return std::string(mesh.empty() ? kDefaultMesh : mesh);
}

}  // namespace

Meta read_universal_meta(const Field& document, const Scope& scope) {
  Meta meta;
  meta.where = document.where();
  meta.name = read_name(document["name"]);
  meta.object_name = meta.name;
  if (scope.has_mesh) {
    meta.mesh = mesh_or_default(document["mesh"].text("the name of a mesh"));
  }
  meta.labels = document["labels"].texts();
  meta.created = read_time(document["creationTime"]);
  return meta;
}

Meta read_kubernetes_meta(const Field& document, const Scope& scope) {
  Meta meta;
  meta.is_kubernetes = true;
  meta.where = document.where();
  const Field metadata = document["metadata"];
  meta.object_name = read_name(metadata["name"]);
  meta.object_namespace = scope.is_namespaced ? metadata["namespace"].text("a namespace") : "";
  meta.name = meta.object_name;
  if (!meta.object_namespace.empty()) {
    meta.name += "." + meta.object_namespace;
  }
  meta.labels = metadata["labels"].texts();
  if (scope.has_mesh && scope.has_spec) {
    const auto label = meta.labels.find(std::string_view("kuma.io/mesh"));
    meta.mesh = mesh_or_default(label == meta.labels.end() ? "" : label->second);
  } else if (scope.has_mesh) {
    meta.mesh = mesh_or_default(document["mesh"].text("the name of a mesh"));
  }
  meta.created = read_time(metadata["creationTimestamp"]);
  return meta;
}

std::optional<Time> parse_time(std::string_view text) {
  const auto year = take_number(text, 4, '-');
  const auto month = year ? take_number(text, 2, '-') : std::nullopt;
  const auto day = month ? take_number(text, 2, 'T') : std::nullopt;
  const auto hours = day ? take_number(text, 2, ':') : std::nullopt;
  const auto minutes = hours ? take_number(text, 2, ':') : std::nullopt;
  const auto seconds = minutes ? take_number(text, 2, '\0') : std::nullopt;
  if (!seconds || *hours > 23 || *minutes > 59 || *seconds > 59) {
    return std::nullopt;
  }
  const auto fraction = take_fraction(text);
  const auto offset = parse_offset(text);
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!fraction || !offset || !date.ok()) {
    return std::nullopt;
  }
  const Time time = std::chrono::sys_days(date) + std::chrono::hours(*hours) +
                    std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds) + *fraction - *offset;
  static constexpr Time kNever = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
  return time == kNever ? Time::min() : time;
}

}  // namespace meshdns::kuma
