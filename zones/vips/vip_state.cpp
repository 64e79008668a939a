#include "zones/vips/vip_state.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <system_error>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "zones/vips/atomic_file.hpp"
#include "zones/vips/vip_state_reader.hpp"

namespace meshdns::vips {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileSize = 512UL * 1024 * 1024;

std::unexpected<Error> fault_at(const std::string& file_name, std::string_view text, std::size_t offset,
                                std::string_view what) {
  const std::string_view before = text.substr(0, offset);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  return fail(Errc::InvalidZone, fmt::format("{}:{}:{}: {}", file_name, line, column, what));
}

std::unexpected<Error> unreadable(const std::string& path, std::string_view why) {
  return fail(Errc::FileUnreadable, fmt::format("{}: {}", path, why));
}

std::unexpected<Error> unreadable(const std::string& path, int error) {
  return unreadable(path, std::generic_category().message(error));
}

using Writer = std::back_insert_iterator<std::string>;

void write_owners(Writer out, const Allocations& owners) {
  std::string_view separator = "\n";
  for (const auto& [owner, addresses] : owners) {
    fmt::format_to(out, "{}      {}: [", separator, boost::json::serialize(boost::json::string_view(owner)));
    std::string_view comma;
    for (const IpAddress& address : addresses) {
      fmt::format_to(out, "{}\"{}\"", comma, address.to_string());
      comma = ", ";
    }
    *out = ']';
    separator = ",\n";
  }
}

void write_groups(Writer out, std::string_view key,
                  const std::map<std::string, Allocations, std::less<>>& groups) {
  fmt::format_to(out, "  \"{}\": {{", key);
  std::string_view separator = "\n";
  for (const auto& [group, owners] : groups) {
    fmt::format_to(out, "{}    {}: {{", separator, boost::json::serialize(boost::json::string_view(group)));
    write_owners(out, owners);
    fmt::format_to(out, "{}}}", owners.empty() ? "" : "\n    ");
    separator = ",\n";
  }
  fmt::format_to(out, "{}}}", groups.empty() ? "" : "\n  ");
}

}  // namespace

Result<VipState> parse_vip_state(std::string_view text, const std::string& file_name, std::string_view mesh) {
  // Names come out as they went in: whether they are UTF-8 is not for this file to say.
  boost::json::parse_options options;
  options.allow_invalid_utf8 = true;
  boost::json::basic_parser<VipStateReader> parser(options, text, mesh);
  VipStateReader& reader = parser.handler();

  boost::json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read < text.size()) {
    error = boost::json::error::extra_data;
  }
  if (error && reader.fault().empty()) {
    return fault_at(file_name, text, read, fmt::format("{}, expected a JSON document", error.message()));
  }
  if (error || !reader.check_addresses()) {
    return fault_at(file_name, text, reader.fault_offset(), reader.fault());
  }
  return reader.take();
}

Result<VipState> read_vip_state(const std::string& path, std::string_view mesh) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    return VipState{};
  }
  if (error) {
    return unreadable(path, error.value());
  }
  if (!fs::is_regular_file(status)) {
    return unreadable(path, "not a regular file, expected stored virtual IPs");
  }
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file) {
    return unreadable(path, errno);
  }
  std::string text;
  std::array<char, 65536> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    text.append(buffer.data(), size);
    if (text.size() > kMaxFileSize) {
      return unreadable(path, "too large, expected at most 512 MiB of stored virtual IPs");
    }
  }
  if (std::ferror(file.get()) != 0) {
    return unreadable(path, errno);
  }
  return parse_vip_state(text, path, mesh);
}

Result<void> write_vip_state(const std::string& path, const VipState& state) {
  return replace_file(path, to_json(state));
}

std::string to_json(const VipState& state) {
  std::string json = "{\n  \"version\": 1,\n";
  const Writer out(json);
  write_groups(out, "legacy", state.legacy);
  json += ",\n";
  write_groups(out, "backends", state.backends);
  json += "\n}\n";
  return json;
}

}  // namespace meshdns::vips
