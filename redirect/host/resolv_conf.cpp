#include "redirect/host/resolv_conf.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <ranges>

#include <fmt/format.h>

#include "redirect/host/files.hpp"

namespace meshdns::redirect {
namespace {

constexpr std::string_view kBlank = " \t\r";

// Takes the next word off the front of `text`.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  const std::string_view found = text.substr(0, text.find_first_of(kBlank));
  text.remove_prefix(found.size());
  return found;
}

// The destination that packets to this server carry: without its interface, as IPv4 when it is IPv4-mapped,
// and the loopback address for 0.0.0.0 and ::, which the kernel reads as "this host".
std::optional<IpAddress> server_address(std::string_view text) {
  std::optional<IpAddress> address = IpAddress::parse(text.substr(0, text.find('%')));
  if (!address) {
    return std::nullopt;
  }
  constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (address->is_v6 && std::ranges::equal(kMappedPrefix, address->bytes().first(kMappedPrefix.size()))) {
    IpAddress mapped;
    std::ranges::copy(address->bytes().subspan(kMappedPrefix.size()), mapped.octets.begin());
    address = mapped;
  }
  return address->is_unspecified() ? IpAddress::parse(address->is_v6 ? "::1" : "127.0.0.1") : address;
}

}  // namespace

Resolvers parse_resolv_conf(std::string_view text, std::string_view file_name) {
  Resolvers found;
  for (int number = 1; const auto part : std::views::split(text, '\n')) {
    std::string_view line(part.begin(), part.end());
    if (next_word(line) == "nameserver") {
      const std::string_view server = next_word(line);
      if (const auto address = server_address(server)) {
        found.addresses.push_back(*address);
      } else {
        found.warnings.push_back(
            fmt::format("{}:{}: nameserver \"{}\" is skipped, expected an IPv4 or IPv6 address", file_name,
                        number, server));
      }
    }
    ++number;
  }
  return found;
}

Result<Resolvers> read_resolv_conf(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  return parse_resolv_conf(*text, path);
}

std::string resolv_conf_backup(const std::string& path) {
  return path + ".kuma-backup";
}

Result<bool> restore_resolv_conf(const std::string& path) {
  const std::string backup = resolv_conf_backup(path);
  if (!std::filesystem::exists(backup)) {
    return false;
  }
  const Result<std::string> text = read_file(backup);
  if (!text) {
    return std::unexpected(text.error());
  }
  // In place: in a container the file is a mount, elsewhere often a link.
  std::ofstream file(path, std::ios::trunc);
  file << *text << std::flush;
  if (!file) {
    return fail(errno == EACCES || errno == EPERM || errno == EROFS ? Errc::NotPermitted : Errc::Internal,
                fmt::format("{}: cannot be written, its contents before kumactl are in {}: {}", path, backup,
                            std::strerror(errno)));
  }
  std::error_code problem;
  std::filesystem::remove(backup, problem);
  return true;
}

}  // namespace meshdns::redirect
