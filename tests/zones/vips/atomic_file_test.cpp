#include "zones/vips/atomic_file.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

namespace meshdns::vips {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator(file), {}};
}

class ReplaceFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "meshdns-vips-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }

  void TearDown() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }

  std::size_t file_count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_;
};

TEST_F(ReplaceFile, MakesAFileThatEverybodyCanRead) {
  const fs::path path = folder_ / "state.json";
  ASSERT_TRUE(replace_file(path, "new"));
  EXPECT_EQ(content_of(path), "new");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0644));
  EXPECT_EQ(file_count(), 1U);
}

TEST_F(ReplaceFile, LeavesTheOldContentToWhoHasItOpen) {
  const fs::path path = folder_ / "state.json";
  ASSERT_TRUE(replace_file(path, "the old content"));
  std::ifstream open(path);
  ASSERT_TRUE(replace_file(path, "new"));
  EXPECT_EQ(std::string(std::istreambuf_iterator(open), {}), "the old content");
  EXPECT_EQ(content_of(path), "new");
  EXPECT_EQ(file_count(), 1U);
}

TEST_F(ReplaceFile, NeverShowsHalfAFile) {
  const fs::path path = folder_ / "state.json";
  const std::string contents[] = {std::string(200'000, 'a'), std::string(100'000, 'b')};
  ASSERT_TRUE(replace_file(path, contents[0]));
  std::jthread writer([&](const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      EXPECT_TRUE(replace_file(path, contents[i % 2]));
    }
  });
  for (int i = 0; i < 200; ++i) {
    ASSERT_THAT(contents, testing::Contains(content_of(path)));
  }
}

TEST_F(ReplaceFile, LetsTheLastOfSeveralWritersWin) {
  const fs::path path = folder_ / "state.json";
  const std::string contents[] = {std::string(100'000, 'a'), std::string(100'000, 'b')};
  {
    std::vector<std::jthread> writers;
    for (const std::string& content : contents) {
      writers.emplace_back([&] {
        for (int i = 0; i < 20; ++i) {
          EXPECT_TRUE(replace_file(path, content));
        }
      });
    }
  }
  EXPECT_THAT(contents, testing::Contains(content_of(path)));
  EXPECT_EQ(file_count(), 1U);
}

TEST_F(ReplaceFile, ReplacesWhatALinkLeadsTo) {
  fs::create_directory(folder_ / "real");
  fs::create_symlink("real/state.json", folder_ / "link");
  fs::create_symlink(folder_ / "link", folder_ / "link to the link");
  for (const char* content : {"to a file that is not there yet", "to a file"}) {
    ASSERT_TRUE(replace_file(folder_ / "link to the link", content));
    EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
    EXPECT_TRUE(fs::is_symlink(folder_ / "link to the link"));
    EXPECT_FALSE(fs::is_symlink(folder_ / "real/state.json"));
    EXPECT_EQ(content_of(folder_ / "real/state.json"), content);
  }
}

TEST_F(ReplaceFile, FailsOnALinkThatLeadsToItself) {
  const fs::path path = folder_ / "loop";
  fs::create_symlink("loop", path);
  const auto done = replace_file(path, "new");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::FileUnreadable);
  EXPECT_THAT(done.error().what, testing::HasSubstr("Too many levels of symbolic links"));
}

TEST_F(ReplaceFile, FailsWithoutFolder) {
  const fs::path path = folder_ / "missing/state.json";
  const auto done = replace_file(path, "new");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what,
            path.string() + ": cannot create a file next to it: No such file or directory");
}

TEST_F(ReplaceFile, FailsInAFolderThatCannotBeWritten) {
  const fs::path path = folder_ / "state.json";
  ASSERT_TRUE(replace_file(path, "old"));
  fs::permissions(folder_, fs::perms(0555));
  const ::uid_t user = ::geteuid();
  constexpr ::uid_t kNobody = 65534;
  if (user == 0 && ::seteuid(kNobody) != 0) {
    GTEST_SKIP() << "root may write everywhere and cannot become nobody";
  }
  const auto done = replace_file(path, "new");
  ASSERT_EQ(::seteuid(user), 0);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, path.string() + ": cannot create a file next to it: Permission denied");
  EXPECT_EQ(content_of(path), "old");
}

TEST_F(ReplaceFile, LeavesNothingBehindWhenItFails) {
  const fs::path path = folder_ / "state.json";
  fs::create_directory(path);
  const auto done = replace_file(path, "new");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, path.string() + ": cannot replace it: Is a directory");
  EXPECT_EQ(file_count(), 1U);
}

// A limit of the file size stands for a full disk.
TEST_F(ReplaceFile, KeepsTheOldContentWhenTheDiskIsFull) {
  const fs::path path = folder_ / "state.json";
  ASSERT_TRUE(replace_file(path, "old"));
  ::rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const ::rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto done = replace_file(path, std::string(5000, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);

  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, path.string() + ": cannot write: File too large");
  EXPECT_EQ(content_of(path), "old");
  EXPECT_EQ(file_count(), 1U);
}

}  // namespace
}  // namespace meshdns::vips
