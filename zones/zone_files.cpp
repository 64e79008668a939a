#include "zones/zone_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

namespace meshdns::zones {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::int64_t kFreshNs = 2 * kNanoseconds;  // clocks of file systems are coarse

std::unexpected<Error> unreadable(std::string_view path, const std::error_code& error) {
  return fail(Errc::FileUnreadable, fmt::format("{}: {}", path, error.message()));
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

Result<FileStamp> stamp_of(const std::string& path, int result, const struct stat& status) {
  if (result != 0) {
    return unreadable(path, last_error());
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(Errc::FileUnreadable, fmt::format("{}: not a regular file, expected a mesh zone file", path));
  }
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t modified = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec;
  return FileStamp{.device = status.st_dev,
                   .inode = status.st_ino,
                   .modified_ns = modified,
                   .size = status.st_size,
                   .is_fresh = now.tv_sec * kNanoseconds + now.tv_nsec - modified < kFreshNs};
}

// Kubernetes keeps the real files of a volume in hidden folders (`..data`, `..2024_...`) that links lead to.
bool is_zone_file(const fs::directory_entry& entry) {
  static constexpr std::array kExtensions{".yaml", ".yml", ".json"};
  const fs::path name = entry.path().filename();
  std::error_code ignored;
  return !name.string().starts_with('.') &&
         std::ranges::find(kExtensions, name.extension()) != kExtensions.end() &&
         !entry.is_directory(ignored);
}

}  // namespace

bool FileStamp::is_same_file_state(const FileStamp& other) const {
  return !is_fresh && device == other.device && inode == other.inode && modified_ns == other.modified_ns &&
         size == other.size;
}

Result<FileStamp> stamp_of(const std::string& path) {
  struct stat status{};
  const int result = stat(path.c_str(), &status);
  return stamp_of(path, result, status);
}

Result<FileText> read_zone_file(const std::string& path) {
  // Before it is opened: opening a fifo would wait for a writer.
  if (const auto stamp = stamp_of(path); !stamp) {
    return std::unexpected(stamp.error());
  }
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(path.c_str(), "re"), &std::fclose);
  if (!file) {
    return unreadable(path, last_error());
  }
  struct stat status{};
  const int result = fstat(fileno(file.get()), &status);
  const auto stamp = stamp_of(path, result, status);
  if (!stamp) {
    return std::unexpected(stamp.error());
  }
  const auto is_too_large = [&](std::int64_t octets) { return octets > kMaxFileOctets; };
  const auto too_large = [&] {
    return fail(Errc::InvalidZone, fmt::format("{}: larger than {} MiB, expected several smaller files", path,
                                               kMaxFileOctets >> 20));
  };
  if (is_too_large(stamp->size)) {
    return too_large();
  }
  FileText content{.text = {}, .stamp = *stamp};
  content.text.reserve(static_cast<std::size_t>(stamp->size));
  std::array<char, 65536> buffer;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    content.text.append(buffer.data(), size);
    if (is_too_large(static_cast<std::int64_t>(content.text.size()))) {  // it grows while it is read
      return too_large();
    }
  }
  if (std::ferror(file.get()) != 0) {
    return unreadable(path, last_error());
  }
  return content;
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

Result<std::vector<std::string>> list_zone_folder(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (is_zone_file(*entry)) {
      files.push_back(entry->path().string());
    }
  }
  if (error) {
    return unreadable(folder, error);
  }
  if (files.empty()) {
    return fail(Errc::InvalidZone,
                fmt::format("{}: no zone file in this folder, expected *.yaml, *.yml or *.json", folder));
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace meshdns::zones
