// What the network of this host is like.
#pragma once

namespace meshdns::redirect {

// The process may change rules: CAP_NET_ADMIN.
bool may_change_rules();

// An interface other than the loopback one has an IPv6 address.
bool has_ipv6_address();

}  // namespace meshdns::redirect
