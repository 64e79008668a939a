// ::6 on the loopback interface: the address that Envoy sends from when it hands on an inbound IPv6
// connection. Its counterpart 127.0.0.6 is there on every host.
#pragma once

#include <meshdns/result.hpp>

namespace meshdns::redirect {

bool has_passthrough_address();

// Succeeds when it is there already. Errors: NotPermitted; Unsupported where IPv6 is switched off.
Result<void> add_passthrough_address();

// Succeeds when there is none.
Result<void> remove_passthrough_address();

}  // namespace meshdns::redirect
