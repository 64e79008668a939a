#include "bench/load/loopback_address.hpp"

#include <gtest/gtest.h>

namespace meshdns::load {
namespace {

TEST(LoopbackAddress, IsNothingElse) {
  EXPECT_TRUE(LoopbackAddress::parse("127.0.0.1:5300"));
  EXPECT_TRUE(LoopbackAddress::parse("127.8.9.10:65535"));
  EXPECT_TRUE(LoopbackAddress::parse("[::1]:5300"));
  for (const char* text : {"8.8.8.8:53", "0.0.0.0:53", "[::]:53", "[::ffff:8.8.8.8]:53", "localhost:53",
                           "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:53x", ""}) {
    EXPECT_FALSE(LoopbackAddress::parse(text)) << text;
  }
}

}  // namespace
}  // namespace meshdns::load
