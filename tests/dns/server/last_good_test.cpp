#include "dns/server/last_good.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace meshdns::server {
namespace {

namespace fs = std::filesystem;

class LastGoodTest : public testing::Test {
 protected:
  LastGoodTest() {
    std::string path = (fs::temp_directory_path() / "meshdns-test-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    folder = path;
  }
  ~LastGoodTest() override { fs::remove_all(folder); }

  static std::string content(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  static ino_t inode(const std::string& file) {
    struct stat info{};
    return ::stat(file.c_str(), &info) == 0 ? info.st_ino : 0;
  }

  std::string folder;
};

TEST_F(LastGoodTest, EveryPathHasAFileOfItsOwnInTheFolder) {
  const std::string a = last_good_file(folder, "unix:/run/a.sock");
  EXPECT_EQ(fs::path(a).parent_path(), folder);
  EXPECT_NE(a, last_good_file(folder, "unix:/run/a_sock"));
  EXPECT_NE(last_good_file(folder, "unix:/run/a/b"), last_good_file(folder, "unix:/run/a_b"));
  for (const std::string& path : {std::string("unix:../../etc/passwd"), "unix:/" + std::string(5000, 'x'),
                                  std::string("unix:..\0/x", 10), std::string("http://[::1]:80/\xff\n")}) {
    const fs::path file = last_good_file(folder, path);
    EXPECT_EQ(file.parent_path(), folder) << path;
    EXPECT_LT(file.filename().string().size(), 200U);
  }
}

TEST_F(LastGoodTest, IsReplacedAsAWholeAndOnlyIfItChanged) {
  const std::string in = folder + "/new/deep";
  const std::string file = last_good_file(in, "unix:a");
  ASSERT_TRUE(keep_last_good(in, "unix:a", "one"));
  EXPECT_EQ(content(file), "one");
  const ino_t first = inode(file);
  ASSERT_TRUE(keep_last_good(in, "unix:a", "one"));
  EXPECT_EQ(inode(file), first);
  const std::ifstream reader(file);
  ASSERT_TRUE(keep_last_good(in, "unix:a", "two"));
  EXPECT_EQ(content(file), "two");
  EXPECT_NE(inode(file), first) << "who reads the old one reads it to its end";
  EXPECT_EQ(std::distance(fs::directory_iterator(in), {}), 1) << "no drafts are left";
}

TEST_F(LastGoodTest, SaysWhyItCannotBeWritten) {
  std::ofstream(folder + "/file") << "x";
  const auto kept = keep_last_good(folder + "/file", "unix:a", "one");
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code, Errc::FileUnreadable);
  EXPECT_TRUE(kept.error().what.starts_with(folder + "/file/")) << kept.error().what;
}

}  // namespace
}  // namespace meshdns::server
