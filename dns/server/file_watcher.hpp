// FileWatcher: tells when the content behind a path may have changed.
//
// Folders are watched, not files, so that an editor's rename, a ConfigMap's symlink swap and a file that
// comes back are all seen; a slow poll catches what inotify cannot report (bind mounts, network file
// systems). What is compared is what the path leads to: device, inode, size and time of the file, or of every
// entry of a folder.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace meshdns::server {

// Not thread-safe: lives on the event loop it is given.
class FileWatcher {
 public:
  // Called with the paths that changed and then stayed as they are for kSettle.
  using Changed = std::function<void(const std::vector<std::string>& paths)>;

  using Signature = std::string;
  using Seen = std::map<std::string, Signature>;  // path -> what it led to

  static constexpr std::chrono::milliseconds kSettle{50};
  static constexpr std::chrono::milliseconds kMaxSettle{500};  // what never rests is reported all the same
  static constexpr std::chrono::seconds kPoll{2};

  FileWatcher(boost::asio::io_context& loop, Changed changed);

  // To be taken before the files are read, so that no change is missed between reading and watching.
  static Seen look_at(const std::vector<std::string>& paths);

  // Watches these paths from now on, and no others; what changed since they were looked at is reported too.
  void watch(Seen paths);

 private:
  void rebuild_watches();
  void read_events();
  void poll_later();
  void look();
  void settle();

  boost::asio::posix::stream_descriptor inotify_;
  boost::asio::steady_timer poll_timer_;
  boost::asio::steady_timer settle_timer_;
  Changed changed_;
  Seen known_;    // what was last reported
  Seen pending_;  // what it is now, if that is something else
  std::chrono::steady_clock::time_point pending_since_;
  std::vector<int> watches_;
};

}  // namespace meshdns::server
