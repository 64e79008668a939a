// PidFile: a file that holds the process id while the object lives.
#pragma once

#include <string>

#include <meshdns/result.hpp>

namespace meshdns::app {

class PidFile {
 public:
  static Result<PidFile> write(const std::string& path);  // mode 0644, as the umask allows
  ~PidFile();
  PidFile(PidFile&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  PidFile& operator=(PidFile&&) = delete;

 private:
  explicit PidFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace meshdns::app
