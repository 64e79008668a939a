// Asker: a process under some user that asks DNS questions on request and tells what came of them.
//
// Its sockets are opened by that user. A socket can be kept for later questions, as a long-lived program
// would.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include <sys/types.h>

#include "tests/netns/child_process.hpp"

namespace meshdns::testing {

struct Question {
  std::string server;
  std::uint16_t port = 53;
  bool tcp = false;
  std::string name = "who.example";
  std::uint16_t type = 1;
  bool connected = true;          // UDP: connect(), so that only replies of that server are seen
  std::uint16_t source_port = 0;  // 0: the kernel's choice
  int keep = 0;                   // 0: a fresh socket, closed afterwards; else the socket of that number
  bool reset = false;  // TCP: close with a reset, which leaves the addresses free for another connection
};

struct Outcome {
  std::string answer;  // the first address; or `rcode N`, `no address`, `refused`, `timeout`, `error TEXT`
  std::string from;    // who sent it, as the asking socket sees it: `ip port`

  bool operator==(const Outcome&) const = default;
};

inline void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << '"' << outcome.answer << "\" from \"" << outcome.from << '"';
}

class Asker {
 public:
  explicit Asker(uid_t user);
  ~Asker();
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  Outcome ask(const Question& question) const;

 private:
  int channel_ = -1;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace meshdns::testing
