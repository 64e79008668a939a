#include "bench/load/loopback_address.hpp"

#include <charconv>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

namespace meshdns::load {

Result<LoopbackAddress> LoopbackAddress::parse(std::string_view text) {
  const auto bad = [text] {
    return fail(Errc::InvalidConfig,
                fmt::format("\"{}\" is not a loopback target, expected 127.x.x.x:PORT or [::1]:PORT", text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return bad();
  }
  const std::string host(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) {
    return bad();
  }

  LoopbackAddress address;
  if (host == "[::1]") {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage_);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    v6.sin6_addr = in6addr_loopback;
    address.size_ = sizeof v6;
    return address;
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage_);
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  address.size_ = sizeof v4;
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1 || ntohl(v4.sin_addr.s_addr) >> 24 != 127) {
    return bad();
  }
  return address;
}

Result<base::UniqueFd> LoopbackAddress::connect(int type) const {
  base::UniqueFd socket(::socket(family(), type | SOCK_CLOEXEC, 0));
  if (!socket.is_open() || ::connect(socket.get(), data(), size()) != 0) {
    return fail(Errc::Internal, fmt::format("cannot connect to the server: {}", std::strerror(errno)));
  }
  return socket;
}

}  // namespace meshdns::load
