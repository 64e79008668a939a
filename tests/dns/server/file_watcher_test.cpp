#include "dns/server/file_watcher.hpp"

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace meshdns::server {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class FileWatcherTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string path = (fs::temp_directory_path() / "meshdns-test-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    folder = path;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string write(std::string_view name, std::string_view text) {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }

  void watch(const std::vector<std::string>& paths) {
    watcher.watch(FileWatcher::look_at(paths));
    loop.poll();
  }

  // The oldest report not yet taken; empty: none comes within `limit`.
  std::vector<std::string> next_report(milliseconds limit = milliseconds(20'000)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (reports.empty() && std::chrono::steady_clock::now() < deadline) {
      loop.run_one_until(deadline);
    }
    if (reports.empty()) {
      return {};
    }
    auto report = std::move(reports.front());
    reports.pop_front();
    return report;
  }

  fs::path folder;
  boost::asio::io_context loop;
  std::deque<std::vector<std::string>> reports;
  FileWatcher watcher{loop, [this](const auto& paths) { reports.push_back(paths); }};
};

TEST_F(FileWatcherTest, ReportsAnEditOnce) {
  const auto path = write("a", "1");
  watch({path});
  write("a", "22");
  EXPECT_EQ(next_report(), std::vector{path});
  EXPECT_TRUE(next_report(milliseconds(200)).empty());
}

TEST_F(FileWatcherTest, DoesNotWaitForThePoll) {
  const auto path = write("a", "");
  watch({path});
  constexpr int kEdits = 10;
  const auto since = std::chrono::steady_clock::now();
  for (int i = 1; i <= kEdits; ++i) {
    write("a", std::string(static_cast<std::size_t>(i), 'x'));
    EXPECT_EQ(next_report(), std::vector{path});
  }
  // The poll alone takes twice as long, however fast the machine is.
  EXPECT_LT(std::chrono::steady_clock::now() - since, FileWatcher::kPoll * kEdits / 2);
}

TEST_F(FileWatcherTest, ReportsABurstAsOne) {
  const auto a = write("a", "1");
  const auto b = write("b", "1");
  watch({a, b});
  for (int i = 0; i < 20; ++i) {
    write("a", std::string(static_cast<std::size_t>(i + 2), 'x'));
    write("b", std::string(static_cast<std::size_t>(i + 2), 'x'));
    loop.poll();
  }
  EXPECT_EQ(next_report(), (std::vector{a, b}));
  int more = 0;  // a stall of the machine makes a burst of its own
  while (!next_report(milliseconds(200)).empty()) {
    ++more;
  }
  EXPECT_LT(more, 5);
}

TEST_F(FileWatcherTest, IgnoresNeighbours) {
  const auto path = write("a", "1");
  watch({path});
  write("b", "1");
  EXPECT_TRUE(next_report(milliseconds(200)).empty());
}

TEST_F(FileWatcherTest, ReportsAFileThatGoesAndComesBack) {
  const auto path = write("a", "1");
  watch({path});
  fs::remove(path);
  EXPECT_EQ(next_report(), std::vector{path});
  write("a", "1");
  EXPECT_EQ(next_report(), std::vector{path});
}

TEST_F(FileWatcherTest, ReportsAChangeBehindALinkIntoAnotherFolder) {
  fs::create_directory(folder / "data");
  write("data/a", "1");
  fs::create_symlink("data/a", folder / "link");
  watch({(folder / "link").string()});
  write("data/a", "22");
  EXPECT_EQ(next_report().size(), 1U);
}

TEST_F(FileWatcherTest, FollowsALinkToItsNewTarget) {
  for (const char* name : {"1", "2"}) {
    fs::create_directory(folder / name);
    write(std::string(name) + "/a", name);
  }
  fs::create_directory_symlink("1", folder / "..data");
  fs::create_symlink("..data/a", folder / "a");
  watch({(folder / "a").string()});
  fs::create_directory_symlink("2", folder / "..tmp");
  fs::rename(folder / "..tmp", folder / "..data");
  EXPECT_EQ(next_report().size(), 1U);
  write("2/a", "edited in the new target");
  EXPECT_EQ(next_report().size(), 1U);
}

TEST_F(FileWatcherTest, ReportsWhatChangedBetweenLookingAndWatching) {
  const auto path = write("a", "1");
  auto seen = FileWatcher::look_at({path});
  write("a", "22");
  watcher.watch(std::move(seen));
  EXPECT_EQ(next_report(), std::vector{path});
}

TEST_F(FileWatcherTest, ReportsEntriesOfAFolder) {
  fs::create_directory(folder / "zones");
  write("zones/a", "1");
  watch({(folder / "zones").string()});
  write("zones/b", "1");
  EXPECT_EQ(next_report().size(), 1U);
  write("zones/a", "22");
  EXPECT_EQ(next_report().size(), 1U);
  fs::remove(folder / "zones/b");
  EXPECT_EQ(next_report().size(), 1U);
}

TEST_F(FileWatcherTest, NoticesAFolderThatAppearsLater) {
  const std::string path = (folder / "later/a").string();
  watch({path});
  fs::create_directory(folder / "later");
  write("later/a", "1");
  EXPECT_EQ(next_report(), std::vector{path}) << "by the poll";
}

TEST_F(FileWatcherTest, ForgetsWhatItIsNoLongerToldToWatch) {
  const auto a = write("a", "1");
  const auto b = write("b", "1");
  watch({a});
  watch({b});
  write("a", "22");
  EXPECT_TRUE(next_report(milliseconds(200)).empty());
  write("b", "22");
  EXPECT_EQ(next_report(), std::vector{b});
}

}  // namespace
}  // namespace meshdns::server
