#include "dns/server/file_watcher.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace meshdns::server {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

constexpr std::uint32_t kEvents = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE |
                                  IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;

std::string file_signature(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return "absent";
  }
  return fmt::format("{}:{}:{}:{}.{}", info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec);
}

std::string signature_of(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return file_signature(path);
  }
  std::vector<std::string> entries;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(
        fmt::format("{}={}", it->path().filename().string(), file_signature(it->path().string())));
  }
  std::ranges::sort(entries);
  return fmt::format("{}", fmt::join(entries, "|"));
}

// Folders whose events can concern `path`: its own, that of what it links to, and itself if it is one.
void add_folders(const std::string& path, std::set<std::string>& folders) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  folders.insert(absolute.parent_path().string());
  if (fs::is_directory(absolute, error)) {
    folders.insert(absolute.string());
  }
  const fs::path real = fs::canonical(absolute, error);
  if (!error) {
    folders.insert(real.parent_path().string());
  }
}

}  // namespace

FileWatcher::FileWatcher(asio::io_context& loop, Changed changed)
    : inotify_(loop), poll_timer_(loop), settle_timer_(loop), changed_(std::move(changed)) {
  // Without inotify (its limits are per user and may be used up) the poll alone has to do.
  if (const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); fd >= 0) {
    inotify_.assign(fd);
  }
}

FileWatcher::Seen FileWatcher::look_at(const std::vector<std::string>& paths) {
  Seen seen;
  for (const std::string& path : paths) {
    seen[path] = signature_of(path);
  }
  return seen;
}

void FileWatcher::watch(Seen paths) {
  known_ = std::move(paths);
  pending_.clear();
  settle_timer_.cancel();
  rebuild_watches();
  if (inotify_.is_open()) {
    inotify_.cancel();
    read_events();
  }
  look();
  poll_later();
}

void FileWatcher::rebuild_watches() {
  if (!inotify_.is_open()) {
    return;
  }
  std::set<std::string> folders;
  for (const auto& [path, signature] : known_) {
    add_folders(path, folders);
  }
  std::vector<int> watches;
  for (const std::string& folder : folders) {
    const int watch = ::inotify_add_watch(inotify_.native_handle(), folder.c_str(), kEvents);
    if (watch >= 0) {
      watches.push_back(watch);  // the same number as before if the folder was watched already
    }
  }
  for (const int old : watches_) {
    if (std::ranges::find(watches, old) == watches.end()) {
      ::inotify_rm_watch(inotify_.native_handle(), old);
    }
  }
  watches_ = std::move(watches);
}

void FileWatcher::read_events() {
  inotify_.async_wait(asio::posix::stream_descriptor::wait_read,
                      [this](const boost::system::error_code& error) {
                        if (error) {
                          return;
                        }
                        std::array<char, 4096> events;
                        while (::read(inotify_.native_handle(), events.data(), events.size()) > 0) {
                        }
                        look();
                        read_events();
                      });
}

void FileWatcher::poll_later() {
  poll_timer_.expires_after(kPoll);
  poll_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      look();
      poll_later();
    }
  });
}

void FileWatcher::look() {
  bool moved = false;
  const bool was_quiet = pending_.empty();
  for (const auto& [path, known] : known_) {
    Signature now = signature_of(path);
    if (now == known) {
      pending_.erase(path);
    } else if (const auto found = pending_.find(path); found == pending_.end() || found->second != now) {
      pending_[path] = std::move(now);
      moved = true;
    }
  }
  if (moved) {
    if (was_quiet) {
      pending_since_ = std::chrono::steady_clock::now();
    }
    settle();
  }
}

void FileWatcher::settle() {
  settle_timer_.expires_at(std::min(std::chrono::steady_clock::now() + kSettle, pending_since_ + kMaxSettle));
  settle_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) {
      return;
    }
    std::vector<std::string> changed;
    for (const auto& [path, seen] : std::exchange(pending_, {})) {
      if (signature_of(path) != seen) {
        pending_[path] = signature_of(path);
        continue;
      }
      known_[path] = seen;
      changed.push_back(path);
    }
    if (!pending_.empty()) {
      pending_since_ = std::chrono::steady_clock::now();
      settle();
    }
    if (!changed.empty()) {
      rebuild_watches();
      changed_(changed);
    }
  });
}

}  // namespace meshdns::server
