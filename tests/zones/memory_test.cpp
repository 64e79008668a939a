// A source that needs more memory than there is.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <meshdns/zone_file.hpp>

#ifdef MESHDNS_SANITIZED
constexpr bool kCanLimitMemory = false;  // the sanitizers end the process themselves
#else
constexpr bool kCanLimitMemory = true;
#endif

namespace meshdns {
namespace {

constexpr const char* kPath = "unix:/run/kuma.sock";

std::string document_of(int names) {
  std::string text = R"({"records":[)";
  for (int i = 0; i < names; ++i) {
    text +=
        (i == 0 ? R"({"name":"n)" : R"(,{"name":"n)") + std::to_string(i) + R"(.mesh","ips":["241.0.0.7"]})";
  }
  return text + "]}";
}

// The address space that is in use, and 32 MB more.
void limit_memory() {
  std::size_t pages = 0;
  if (std::FILE* const statm = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(statm, "%zu", &pages) != 1) {
      pages = 0;
    }
    std::fclose(statm);
  }
  const rlim_t limit = pages * 4096 + (32U << 20U);
  const rlimit both{limit, limit};
  setrlimit(RLIMIT_AS, &both);
}

TEST(LoadWithoutMemory, IsAnErrorThatKeepsWhatWasLoaded) {
  if (!kCanLimitMemory) {
    GTEST_SKIP() << "the sanitizer has no use for a limit of memory";
  }
  EXPECT_EXIT(
      {
        ZoneSource source;
        source.paths = {kPath};
        ZoneLoader loader(source);
        const bool is_loaded = loader.load_with(kPath, document_of(1)).has_value();
        std::string large = document_of(300'000);
        limit_memory();
        const auto zone = loader.load_with(kPath, std::move(large));
        const auto still = loader.load();
        const bool is_kept = still && still->records.size() == 1;
        std::fputs(zone ? "loaded" : zone.error().what.c_str(), stderr);
        std::_Exit(is_loaded && is_kept ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "unix:/run/kuma.sock: needs more memory than there is");
}

}  // namespace
}  // namespace meshdns
