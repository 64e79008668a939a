#include "dns/plugin/read_file.hpp"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

namespace meshdns::plugin {
namespace {

constexpr std::size_t kMaxSize = 256U << 20U;

std::unexpected<Error> unreadable(const std::string& path, std::string reason) {
  reason.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(reason.front())));
  return fail(Errc::FileUnreadable, fmt::format("open {}: {}", path, reason));
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const auto status = fs::status(path, failed);
  if (!fs::exists(status)) {
    return unreadable(path, failed ? failed.message() : "no such file or directory");
  }
  if (!fs::is_regular_file(status)) {
    return unreadable(path, fs::is_directory(status) ? "is a directory" : "not a regular file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return unreadable(path, std::strerror(errno));
  }
  std::string text;
  for (char chunk[65536]; file.read(chunk, sizeof chunk) || file.gcount() > 0;) {
    text.append(chunk, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxSize) {
      return unreadable(path, "larger than 256 MiB");
    }
  }
  return text;
}

}  // namespace meshdns::plugin
