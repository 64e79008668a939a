#include "dns/app/socket_activation.hpp"

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace meshdns::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Result<std::vector<int>> take_with(const std::string& pid, const char* count) {
  ::setenv("LISTEN_PID", pid.c_str(), 1);
  ::setenv("LISTEN_FDS", count, 1);
  ::setenv("LISTEN_FDNAMES", "dns:dns", 1);
  return take_passed_descriptors();
}

TEST(SocketActivation, DescriptorsBeginAtThree) {
  for (int i = 0; i < 2; ++i) {  // whoever has 3 and 4, they are open then
    ASSERT_GE(::fcntl(STDIN_FILENO, F_DUPFD, 3), 3);
  }
  const auto passed = take_with(std::to_string(::getpid()), "2");
  ASSERT_TRUE(passed) << passed.error().what;
  EXPECT_THAT(*passed, ElementsAre(3, 4));
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    EXPECT_EQ(std::getenv(name), nullptr) << name;
  }
  EXPECT_THAT(take_passed_descriptors().value(), IsEmpty()) << "once";
}

TEST(SocketActivation, WhatIsMeantForAnotherProcessIsNotOurs) {
  EXPECT_THAT(take_with(std::to_string(::getppid()), "2").value(), IsEmpty());
  EXPECT_EQ(std::getenv("LISTEN_FDS"), nullptr);
}

TEST(SocketActivation, NumbersAreExpected) {
  for (const char* count : {"two", "-1", "2x", "99999999"}) {
    const auto passed = take_with(std::to_string(::getpid()), count);
    ASSERT_FALSE(passed) << count;
    EXPECT_THAT(passed.error().what, HasSubstr(std::string("LISTEN_FDS is '") + count + "'"));
  }
}

TEST(SocketActivation, AllOfThemAreThere) {
  const auto passed = take_with(std::to_string(::getpid()), "1000");
  ASSERT_FALSE(passed);
  EXPECT_THAT(passed.error().what, HasSubstr("LISTEN_FDS is 1000, but descriptor "));
}

}  // namespace
}  // namespace meshdns::app
