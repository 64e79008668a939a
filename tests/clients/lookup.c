/* What the C library's resolver finds: every address of a name, one a line; nothing if there is none. Exit code 0, or
 * 1 when the name does not resolve. Compiled against more than one C library. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char** argv) {
  struct addrinfo hints;
  memset(&hints, 0, sizeof hints);
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  struct addrinfo* list = NULL;
  const int error = argc == 2 ? getaddrinfo(argv[1], NULL, &hints, &list) : EAI_FAIL;
  if (error != 0) {
    fprintf(stderr, "%s\n", gai_strerror(error));
    return 1;
  }
  for (const struct addrinfo* entry = list; entry != NULL; entry = entry->ai_next) {
    char text[64];
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0) {
      puts(text);
    }
  }
  freeaddrinfo(list);
  return 0;
}
