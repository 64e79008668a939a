// An address as Asio has it.
#pragma once

#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include <meshdns/address.hpp>

namespace meshdns::forward {

inline boost::asio::ip::address asio_address(const SocketAddress& address) {
  if (!address.ip.is_v6) {
    boost::asio::ip::address_v4::bytes_type octets;
    std::copy_n(address.ip.octets.begin(), octets.size(), octets.begin());
    return boost::asio::ip::address_v4(octets);
  }
  return boost::asio::ip::address_v6(address.ip.octets, address.scope);
}

}  // namespace meshdns::forward
