// What is remembered between runs, in a folder of root's that a reboot empties, as it does the rules: a lock
// against two runs at once, and the record of what was installed.
//
// Both belong to a network namespace, as rules do; hosts of containers have many.
#pragma once

#include <optional>
#include <string>

#include <meshdns/result.hpp>

namespace meshdns::redirect {

class StateFolder {
 public:
  // Makes the folder when it is missing. Errors: NotPermitted, Internal.
  static Result<StateFolder> open(const std::string& path);

  // Held until this object goes, or the process. Waits for others. Errors: Internal.
  Result<void> lock();

  std::optional<std::string> record() const;
  Result<void> write_record(const std::string& text) const;
  void remove_record() const;

  StateFolder(StateFolder&& other) noexcept;
  StateFolder& operator=(StateFolder&& other) = delete;
  ~StateFolder();

 private:
  explicit StateFolder(std::string stem) : stem_(std::move(stem)) {}

  std::string stem_;  // of the names of the files of this namespace
  int lock_ = -1;
};

}  // namespace meshdns::redirect
