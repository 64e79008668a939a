// The name servers that a resolv.conf file lists, and its options (resolv.conf(5)).
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/address.hpp>

namespace meshdns::forward {

inline constexpr std::size_t kMaxUpstreams = 15;  // as CoreDNS's `forward` takes

// What `options` lines say; of several the last word counts.
struct ResolvConfOptions {
  std::chrono::seconds timeout{0};  // how long one try is waited for, 1..30; 0: not given
  unsigned attempts = 0;            // tries of each server, 1..5; 0: not given
  bool rotate = false;              // the servers take turns
  bool use_vc = false;              // over TCP
  bool trust_ad = false;            // their AD bit may be believed
};

struct ResolvConfServers {
  std::vector<SocketAddress> servers;  // in file order, without repeats, at most kMaxUpstreams
  ResolvConfOptions options;
  std::vector<std::string> warnings;  // `file:line:column: message` for every line that was passed over
};

// Lines other than `nameserver` and `options` are ignored, and so are options that mean nothing to a
// forwarder
// (`edns0` among them: upstreams are asked with EDNS anyway). `file` is used in warnings only. The scope of a
// link-local address
// (`fe80::1%eth0`) is kept; an interface that does not exist makes the line a warning.
ResolvConfServers parse_resolv_conf(std::string_view text, std::string_view file);

}  // namespace meshdns::forward
