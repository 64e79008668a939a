// Firewall marks (SO_MARK) on our sockets to upstreams, by which rules of the host tell their packets.
#pragma once

#include <cstdint>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

namespace meshdns::forward {

// True also for 0, which is no mark. Otherwise errno tells why not.
bool mark_socket(int fd, std::uint32_t mark) noexcept;

// Whether this process may set the marks that the options ask for: NotPermitted names the line and what is
// missing. For who is about to serve; looking at a configuration takes no privilege.
Result<void> check_marks(const ServerOptions& options);

}  // namespace meshdns::forward
