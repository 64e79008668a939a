// Caller: a process under some user that opens TCP connections on request and tells what it hears.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <sys/types.h>

#include "tests/netns/child_process.hpp"

namespace meshdns::testing {

struct Call {
  std::string address;
  std::uint16_t port = 8080;
  std::string source;  // bound to, unless empty
};

class Caller {
 public:
  // `prepare` runs first, as root: change namespace.
  explicit Caller(uid_t user, const std::function<bool()>& prepare = nullptr);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  // What the other side says before it closes; or `refused`, `timeout`, `error TEXT`.
  std::string hear(const Call& call) const;

 private:
  int channel_ = -1;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace meshdns::testing
