#include "dns/server/last_good.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dns/base/unique_fd.hpp"

namespace meshdns::server {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadable = 100;  // octets of a path in the name of its file

// FNV-1a: the same number in every build, unlike std::hash.
std::uint64_t stable_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

std::optional<std::string> content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    return std::nullopt;
  }
  std::string text(std::istreambuf_iterator<char>(in), {});
  return in.bad() ? std::nullopt : std::optional(std::move(text));
}

std::string time_of(const std::string& file) {
  struct stat info{};
  return ::stat(file.c_str(), &info) == 0
             ? fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(info.st_mtim.tv_sec))
             : "an unknown time";
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return ::fsync(fd) == 0;
}

}  // namespace

std::string last_good_file(const std::string& folder, std::string_view path) {
  std::string name(path.substr(0, kReadable));
  std::ranges::replace_if(
      name,
      [](char c) {
        return !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' &&
               c != '.';
      },
      '_');
  return (fs::path(folder) / fmt::format("{}-{:016x}.json", name, stable_hash(path))).string();
}

Result<void> keep_last_good(const std::string& folder, std::string_view path, std::string_view document) {
  const std::string file = last_good_file(folder, path);
  if (content_of(file) == document) {
    return {};
  }
  std::error_code error;
  fs::create_directories(folder, error);
  std::string draft = file + ".XXXXXX";
  const base::UniqueFd fd(error ? -1 : ::mkostemp(draft.data(), O_CLOEXEC));
  if (fd.get() < 0) {
    error = error ? error : std::error_code(errno, std::generic_category());
  } else if (!write_all(fd.get(), document) || ::rename(draft.c_str(), file.c_str()) != 0) {
    error = {errno, std::generic_category()};
    ::unlink(draft.c_str());
  }
  if (error) {
    return fail(Errc::FileUnreadable, fmt::format("{}: {}", file, error.message()));
  }
  return {};
}

Result<FirstLoad> load_with_last_good(ZoneLoader& loader, const MeshOptions& mesh) {
  auto zone = loader.load();
  if (!zone) {
    return std::unexpected(std::move(zone.error()));
  }
  FirstLoad first{.zone = std::move(*zone), .notes = {}, .warnings = {}};
  if (mesh.last_good.empty()) {
    return first;
  }
  for (const std::string& path : loader.missing()) {
    const std::string file = last_good_file(mesh.last_good, path);
    auto copy = content_of(file);
    if (!copy) {
      continue;
    }
    if (auto with_copy = loader.load_with(path, *std::move(copy))) {
      first.zone = std::move(*with_copy);
      first.notes.push_back(
          fmt::format("{}: the last good document, of {}, is used until it answers", path, time_of(file)));
    } else {
      first.warnings.push_back(
          fmt::format("{}: the last good document cannot be used, in {}", with_copy.error().what, file));
    }
  }
  return first;
}

}  // namespace meshdns::server
