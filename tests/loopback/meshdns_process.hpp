// The meshdns binary as a child process, with what it prints.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "dns/base/unique_fd.hpp"
#include "tests/support/dns_client.hpp"

namespace meshdns::test {

// How a process is started.
struct Manner {
  std::vector<std::string> environment;  // `NAME=VALUE`, added to the test's own
  // As kuma-dp starts its DNS server: a process group of its own, nothing to read, killed with its parent.
  bool as_kuma_dp = false;
  std::vector<int> sockets;  // passed as a service manager does; they stay the test's, too
};

class MeshdnsProcess {
 public:
  // Starts it in `folder`.
  MeshdnsProcess(const std::string& folder, const std::vector<std::string>& arguments,
                 const Manner& manner = {});
  ~MeshdnsProcess();  // killed if it still runs
  MeshdnsProcess(const MeshdnsProcess&) = delete;
  MeshdnsProcess& operator=(const MeshdnsProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  std::optional<int> exit_code(std::chrono::milliseconds limit = kPatience);  // 128 + signal if one killed it

  // Reads standard output until it holds `text`.
  bool prints(std::string_view text, std::chrono::milliseconds limit = kPatience);
  const std::string& output() const { return output_; }
  const std::string& errors();  // standard error, after the exit

 private:
  pid_t pid_ = -1;
  base::UniqueFd stdout_;
  base::UniqueFd stderr_;
  std::string output_;
  std::string errors_;
  std::optional<int> exit_code_;
};

}  // namespace meshdns::test
