#include "dns/corefile/reference.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace meshdns::corefile {
namespace {

// After a change of a directive: MESHDNS_REGENERATE=1 corefile_test --gtest_filter='Reference.*'
TEST(Reference, IsTheOneThatIsCheckedIn) {
  const std::string path = MESHDNS_SOURCE_DIR "/dns/corefile/REFERENCE.md";
  if (std::getenv("MESHDNS_REGENERATE") != nullptr) {
    std::ofstream(path) << reference_text();
  }
  std::ostringstream checked_in;
  checked_in << std::ifstream(path).rdbuf();
  EXPECT_EQ(checked_in.str(), reference_text())
      << "run this test with MESHDNS_REGENERATE=1 and commit the file";
}

}  // namespace
}  // namespace meshdns::corefile
