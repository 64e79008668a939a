// A program that runs meshdns inside itself: starts it from a Corefile, asks it, gives it another zone, asks
// again.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <meshdns/corefile.hpp>
#include <meshdns/server.hpp>
#include <meshdns/zone_file.hpp>

namespace {

// The last four octets of the answer to "backend.mesh A": the address, if there is one.
std::string ask(std::uint16_t port) {
  const std::string_view query(
      "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07"
      "backend\x04mesh\x00\x00\x01\x00\x01",
      30);
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  const timeval limit{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(port);
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::sendto(fd, query.data(), query.size(), 0, reinterpret_cast<const sockaddr*>(&server), sizeof server);
  std::vector<std::uint8_t> reply(512);
  const auto size = ::recv(fd, reply.data(), reply.size(), 0);
  ::close(fd);
  if (size < 4) {
    return "no reply";
  }
  char text[INET_ADDRSTRLEN];
  return ::inet_ntop(AF_INET, reply.data() + size - 4, text, sizeof text);
}

bool expect(std::string_view what, const std::string& got, const std::string& wanted) {
  if (got != wanted) {
    std::fprintf(stderr, "%s: got %s, wanted %s\n", what.data(), got.c_str(), wanted.c_str());
  }
  return got == wanted;
}

}  // namespace

int main() {
  auto corefile = meshdns::parse_corefile(".:0 {\n bind 127.0.0.1\n mesh builtin:demo\n}\n", "inline");
  if (!corefile) {
    std::fprintf(stderr, "%s\n", corefile.error().what.c_str());
    return 1;
  }
  auto server = meshdns::Server::start(corefile->options, [](meshdns::LogLevel, std::string_view text) {
    std::printf("host program's log: %.*s\n", static_cast<int>(text.size()), text.data());
  });
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().what.c_str());
    return 1;
  }
  const std::uint16_t port = (*server)->status().listening.at(0).port;
  const std::string before = ask(port);
  bool good = before != "no reply" && before.starts_with("240.");

  auto zone = meshdns::parse_mesh_zone("records: [{name: backend.mesh, ips: [240.9.9.9]}]", "inline", {});
  good &= zone.has_value() && (*server)->replace_zone(0, std::move(*zone)).has_value();
  good &= expect("after replace_zone()", ask(port), "240.9.9.9");
  good &= (*server)->reload_zones().has_value();
  good &= expect("after reload_zones()", ask(port), before);
  good &= (*server)->status().counters.mesh_answers == 3;
  (*server)->stop();
  return good ? 0 : 1;
}
