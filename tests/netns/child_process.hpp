// ChildProcess: a function running as a process of its own, under a user of its own, until this object goes.
//
// The process also dies with the test, so nothing is left behind by a crash.
#pragma once

#include <cstdint>
#include <functional>

#include <sys/types.h>

namespace meshdns::testing {

// Changes the user of the calling process for good, and ties its life to that of its parent. False: not
// permitted.
bool become(uid_t user);

class ChildProcess {
 public:
  // Tells the waiting parent that the child is ready for use.
  using Ready = std::function<void()>;

  // `body` runs as root in the child, which ends when it returns. The constructor returns once `ready` was
  // called, and throws std::runtime_error when the child ends before.
  explicit ChildProcess(const std::function<void(const Ready& ready)>& body);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool is_running();

 private:
  pid_t pid_ = -1;
};

}  // namespace meshdns::testing
