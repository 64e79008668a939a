#include "dns/corefile/text_files.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <glob.h>

#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::size_t kMaxFileSize = 16U << 20U;

std::unexpected<Error> unreadable(const std::filesystem::path& path, std::string reason) {
  reason.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(reason.front())));
  return fail(Errc::FileUnreadable, fmt::format("open {}: {}", path.string(), reason));
}

// So that only the wildcards that the operator wrote count, not what the folder happens to be called.
std::string escape_wildcards(const std::string& text) {
  std::string escaped;
  for (const char octet : text) {
    if (std::string_view("*?[]\\").contains(octet)) {
      escaped += '\\';
    }
    escaped += octet;
  }
  return escaped;
}

}  // namespace

Result<std::string> read_text_file(const std::filesystem::path& path, FileKinds kinds) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const auto status = fs::status(path, failed);
  if (!fs::exists(status)) {
    return unreadable(path, failed ? failed.message() : "no such file or directory");
  }
  if (fs::is_directory(status)) {
    return unreadable(path, "is a directory");
  }
  if (!fs::is_regular_file(status) && kinds == FileKinds::Regular) {
    return unreadable(path, "not a regular file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return unreadable(path, std::strerror(errno));
  }
  std::string text;
  for (char chunk[65536]; file.read(chunk, sizeof chunk) || file.gcount() > 0;) {
    text.append(chunk, static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxFileSize) {
      return unreadable(path, "larger than 16 MiB");
    }
  }
  return text;
}

Result<std::vector<std::filesystem::path>> find_import_files(const Token& pattern) {
  const std::string& text = pattern.text;
  const auto count = [&](char wanted) { return std::ranges::count(text, wanted); };
  if (count('*') > 1 || count('?') > 1 || count('[') > 0 || count(']') > 0) {
    return parse_error(pattern, "Glob pattern may only contain one wildcard (*), but has others: " + text);
  }
  std::error_code failed;
  const auto folder =
      std::filesystem::absolute(pattern.source->folder.empty() ? "." : pattern.source->folder, failed)
          .lexically_normal();
  if (count('*') + count('?') == 0) {
    auto file = (folder / text).lexically_normal();
    if (!std::filesystem::exists(file, failed)) {
      return parse_error(pattern, "File to import not found: " + text);
    }
    return std::vector{std::move(file)};
  }

  const std::string absolute = text.starts_with('/') ? text : escape_wildcards(folder.string()) + "/" + text;
  glob_t found{};
  std::vector<std::filesystem::path> files;
  if (glob(absolute.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      files.emplace_back(std::filesystem::path(found.gl_pathv[i]).lexically_normal());
    }
  }
  globfree(&found);
  return files;
}

}  // namespace meshdns::corefile
