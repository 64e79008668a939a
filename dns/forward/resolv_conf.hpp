// The name servers that a resolv.conf file lists (resolv.conf(5)).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/address.hpp>

namespace meshdns::forward {

inline constexpr std::size_t kMaxUpstreams = 15;  // as CoreDNS's `forward` takes

struct ResolvConfServers {
  std::vector<SocketAddress> servers;  // in file order, without repeats, at most kMaxUpstreams
  std::vector<std::string> warnings;   // `file:line:column: message` for every line that was passed over
};

// Every line but `nameserver` is ignored. `file` is used in warnings only. The scope of a link-local address
// (`fe80::1%eth0`) is kept; an interface that does not exist makes the line a warning.
ResolvConfServers parse_resolv_conf(std::string_view text, std::string_view file);

}  // namespace meshdns::forward
