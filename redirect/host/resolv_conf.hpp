// The name servers that applications of this host ask, as resolv.conf(5) names them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/result.hpp>

namespace meshdns::redirect {

struct Resolvers {
  std::vector<IpAddress> addresses;   // in file order; all of them, although glibc asks only the first three
  std::vector<std::string> warnings;  // `file:line: message` for lines that are not understood
};

// `file_name` is used in warnings only.
Resolvers parse_resolv_conf(std::string_view text, std::string_view file_name);

// Errors: FileUnreadable.
Result<Resolvers> read_resolv_conf(const std::string& path);

// Where releases of kumactl that wrote resolv.conf put what stood in it.
std::string resolv_conf_backup(const std::string& path);

// Puts that back, as `kumactl uninstall transparent-proxy` does, and removes it: a later call must not bring
// back what is outdated by then. Returns whether there was something. Errors: FileUnreadable, NotPermitted,
// Internal.
Result<bool> restore_resolv_conf(const std::string& path);

}  // namespace meshdns::redirect
