#include "redirect/host/network_facts.hpp"

#include <ifaddrs.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace meshdns::redirect {

bool may_change_rules() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
  return syscall(SYS_capget, &header, data) == 0 && (data[0].effective & (1U << CAP_NET_ADMIN)) != 0;
}

bool has_ipv6_address() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) {
    return false;
  }
  bool found = false;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    found = found || (one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET6 &&
                      (one->ifa_flags & IFF_LOOPBACK) == 0);
  }
  freeifaddrs(all);
  return found;
}

}  // namespace meshdns::redirect
