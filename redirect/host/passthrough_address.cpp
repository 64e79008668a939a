#include "redirect/host/passthrough_address.hpp"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

namespace meshdns::redirect {
namespace {

constexpr const char* kAddress = "::6";
constexpr const char* kInterface = "lo";

in6_addr address() {
  in6_addr octets{};
  inet_pton(AF_INET6, kAddress, &octets);
  return octets;
}

struct Request {
  nlmsghdr header{};
  ifaddrmsg body{};
  rtattr attribute{};
  in6_addr value{};
};

struct Answer {
  nlmsghdr header{};
  nlmsgerr error{};
  char rest[256]{};
};

// 0 or an errno.
int change(std::uint16_t type, std::uint16_t flags) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) {
    return errno;
  }
  Request request;
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
  request.body.ifa_family = AF_INET6;
  request.body.ifa_prefixlen = 128;
  request.body.ifa_flags = IFA_F_NODAD;
  request.body.ifa_index = if_nametoindex(kInterface);
  request.attribute.rta_len = RTA_LENGTH(sizeof request.value);
  request.attribute.rta_type = IFA_LOCAL;
  request.value = address();
  Answer answer;
  int problem = 0;
  if (send(fd, &request, sizeof request, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < 0) {
    problem = errno;
  } else if (answer.header.nlmsg_type == NLMSG_ERROR) {
    problem = -answer.error.error;
  }
  close(fd);
  return problem;
}

Error failure(const char* verb, int problem) {
  const Errc code = problem == EPERM || problem == EACCES ? Errc::NotPermitted : Errc::Unsupported;
  return {code,
          fmt::format("{}/128 cannot be {} {}: {}", kAddress, verb, kInterface, std::strerror(problem))};
}

}  // namespace

bool has_passthrough_address() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) {
    return false;
  }
  bool found = false;
  const in6_addr wanted = address();
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr != nullptr && one->ifa_addr->sa_family == AF_INET6) {
      const auto* socket_address = reinterpret_cast<const sockaddr_in6*>(one->ifa_addr);
      found = found || std::memcmp(&socket_address->sin6_addr, &wanted, sizeof wanted) == 0;
    }
  }
  freeifaddrs(all);
  return found;
}

Result<void> add_passthrough_address() {
  const int problem = change(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
  if (problem != 0 && problem != EEXIST) {
    return std::unexpected(failure("added to", problem));
  }
  return {};
}

Result<void> remove_passthrough_address() {
  if (!has_passthrough_address()) {
    return {};
  }
  const int problem = change(RTM_DELADDR, 0);
  if (problem != 0 && problem != EADDRNOTAVAIL) {
    return std::unexpected(failure("removed from", problem));
  }
  return {};
}

}  // namespace meshdns::redirect
