// start_lines(): what is printed when the server is up: one line per zone and address, as CoreDNS words them.
#pragma once

#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/options.hpp>

namespace meshdns::app {

// `listening` holds the addresses with their real ports; an address that is not there could not be had and
// gets no line.
std::string start_lines(const ServerOptions& options, const std::vector<SocketAddress>& listening);

// The addresses of all blocks, each once, in the order of their first mention.
std::vector<SocketAddress> listen_addresses(const ServerOptions& options);

}  // namespace meshdns::app
