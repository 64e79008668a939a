// LoopbackAddress: the only kind of address that the load tools will talk to.
#pragma once

#include <string_view>

#include <sys/socket.h>

#include <meshdns/result.hpp>

#include "dns/base/unique_fd.hpp"

namespace meshdns::load {

class LoopbackAddress {
 public:
  /// `127.x.x.x:PORT` or `[::1]:PORT`; every other address is refused.
  static Result<LoopbackAddress> parse(std::string_view text);

  int family() const { return storage_.ss_family; }
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }

  /// A blocking socket (type: SOCK_DGRAM or SOCK_STREAM) connected to this address. On loopback that either
  /// succeeds or fails at once.
  Result<base::UniqueFd> connect(int type) const;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace meshdns::load
