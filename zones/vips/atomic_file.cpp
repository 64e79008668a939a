#include "zones/vips/atomic_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace meshdns::vips {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;
constexpr int kMaxLinks = 40;  // as in the kernel

std::unexpected<Error> cannot(std::string_view what, std::string_view path, int error) {
  return fail(Errc::FileUnreadable,
              fmt::format("{}: cannot {}: {}", path, what, std::generic_category().message(error)));
}

Result<fs::path> follow_links(fs::path path) {
  std::error_code error;
  for (int i = 0; i < kMaxLinks; ++i) {
    if (!fs::is_symlink(path, error)) {
      return path;
    }
    const fs::path target = fs::read_symlink(path, error);
    if (error) {
      return cannot("follow the link", path.native(), error.value());
    }
    path = path.parent_path() / target;
  }
  return cannot("follow the link", path.native(), ELOOP);
}

// A new file next to `target` that disappears again unless it takes its place.
class Replacement {
 public:
  explicit Replacement(const fs::path& target)
      : target_(target.native()), path_(target_ + ".XXXXXX"), file_(::mkostemp(path_.data(), O_CLOEXEC)) {}

  ~Replacement() {
    if (file_ >= 0) {
      ::close(file_);
      ::unlink(path_.c_str());
    }
  }

  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  bool is_open() const { return file_ >= 0; }

  bool write(std::string_view content) const {
    while (!content.empty()) {
      const ssize_t size = ::write(file_, content.data(), content.size());
      if (size < 0 && errno != EINTR) {
        return false;
      }
      content.remove_prefix(size < 0 ? 0 : static_cast<std::size_t>(size));
    }
    return ::fchmod(file_, kMode) == 0 && ::fsync(file_) == 0;
  }

  bool commit() {
    if (::rename(path_.c_str(), target_.c_str()) != 0) {
      return false;
    }
    ::close(std::exchange(file_, -1));
    return true;
  }

 private:
  std::string target_;
  std::string path_;
  int file_;
};

// Makes the rename last. Not every file system can do that for folders.
bool sync_folder(const fs::path& folder) {
  const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) {
    return false;
  }
  const bool is_synced = ::fsync(file) == 0 || errno == EINVAL;
  const int error = errno;
  ::close(file);
  errno = error;
  return is_synced;
}

}  // namespace

Result<void> replace_file(const std::string& path, std::string_view content) {
  const auto target = follow_links(path);
  if (!target) {
    return std::unexpected(target.error());
  }
  Replacement replacement(*target);
  if (!replacement.is_open()) {
    return cannot("create a file next to it", path, errno);
  }
  if (!replacement.write(content)) {
    return cannot("write", path, errno);
  }
  if (!replacement.commit()) {
    return cannot("replace it", path, errno);
  }
  if (!sync_folder(target->parent_path())) {
    return cannot("sync its folder", path, errno);
  }
  return {};
}

}  // namespace meshdns::vips
