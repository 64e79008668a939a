// TaggedServer: a tiny DNS server that answers every question with one address, so that an answer says who
// gave it.
//
// UDP and TCP, in a process of its own. It keeps a list of the names it was asked.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/netns/child_process.hpp"

namespace meshdns::testing {

class TaggedServer {
 public:
  struct Options {
    std::string tag;                  // an IPv4 address
    std::vector<std::string> listen;  // addresses
    std::uint16_t port = 53;
    std::function<bool()> prepare;  // runs first in the server's process: change namespace, change user
  };

  explicit TaggedServer(const Options& options);
  ~TaggedServer();
  TaggedServer(const TaggedServer&) = delete;
  TaggedServer& operator=(const TaggedServer&) = delete;

  // Every question so far, duplicates included, as "name type", for example "www.example 1".
  std::vector<std::string> asked() const;

 private:
  struct Log;
  Log* log_;  // shared with the server's process
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace meshdns::testing
