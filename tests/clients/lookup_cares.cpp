// What c-ares finds, with the servers of /etc/resolv.conf: as lookup.c.
#include <cstdio>

#include <ares.h>
#include <netdb.h>
#include <sys/select.h>

namespace {

void print(void* argument, int status, int /*timeouts*/, ares_addrinfo* result) {
  *static_cast<int*>(argument) = status == ARES_SUCCESS ? 0 : 1;
  if (status != ARES_SUCCESS) {
    std::fprintf(stderr, "%s\n", ares_strerror(status));
    return;
  }
  for (const ares_addrinfo_node* node = result->nodes; node != nullptr; node = node->ai_next) {
    char text[64];
    if (::getnameinfo(node->ai_addr, node->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      std::puts(text);
    }
  }
  ares_freeaddrinfo(result);
}

}  // namespace

int main(int argc, char** argv) {
  ares_channel channel = nullptr;
  if (argc != 2 || ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
      ares_init(&channel) != ARES_SUCCESS) {
    return 2;
  }
  int code = 2;
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel, argv[1], nullptr, &hints, print, &code);
  while (true) {
    fd_set readers;
    fd_set writers;
    FD_ZERO(&readers);
    FD_ZERO(&writers);
    const int count = ares_fds(channel, &readers, &writers);
    if (count == 0) {
      break;
    }
    timeval wait{};
    ::select(count, &readers, &writers, nullptr, ares_timeout(channel, nullptr, &wait));
    ares_process(channel, &readers, &writers);
  }
  ares_destroy(channel);
  return code;
}
