#include "redirect/host/probe.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <string_view>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace meshdns::redirect {
namespace {

constexpr int kPatienceSeconds = 2;
constexpr std::uint16_t kDnsPort = 53;

// A question for the addresses of a name that nobody has asked for before.
std::string question() {
  std::random_device random;
  const std::string label = fmt::format("meshdns-probe-{:08x}", random());
  const std::uint32_t id = random();
  std::string query = {static_cast<char>(id), static_cast<char>(id >> 8), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  for (const std::string_view part : {std::string_view(label), std::string_view("invalid")}) {
    query += static_cast<char>(part.size());
    query += part;
  }
  query += std::string("\0\0\1\0\1", 5);
  return query;
}

// In the child: 0 answered, or an errno.
int ask(const std::string& server) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_in);
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  if (inet_pton(AF_INET, server.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(kDnsPort);
  } else if (inet_pton(AF_INET6, server.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(kDnsPort);
    size = sizeof(sockaddr_in6);
  }
  const int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = kPatienceSeconds, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const std::string query = question();
  std::array<char, 512> reply{};
  const bool answered = connect(fd, reinterpret_cast<const sockaddr*>(&storage), size) == 0 &&
                        send(fd, query.data(), query.size(), 0) > 0 &&
                        recv(fd, reply.data(), reply.size(), 0) > 0;
  return answered ? 0 : errno;
}

}  // namespace

Result<ProbeAnswer> ask_as(std::uint32_t uid, const std::string& server) {
  const pid_t child = fork();
  if (child < 0) {
    return fail(Errc::Internal, fmt::format("a probe cannot be started: {}", std::strerror(errno)));
  }
  if (child == 0) {
    const bool changed = setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0;
    _exit(changed ? ask(server) : EPERM);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const int problem = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
  switch (problem) {
    case 0:
      return ProbeAnswer{true, "answered"};
    case ECONNREFUSED:
      return ProbeAnswer{false, "refused"};
    case EAGAIN:
      return ProbeAnswer{false, fmt::format("no answer within {} s", kPatienceSeconds)};
    default:
      return ProbeAnswer{false, std::strerror(problem)};
  }
}

}  // namespace meshdns::redirect
