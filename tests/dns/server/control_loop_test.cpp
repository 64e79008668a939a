#include "dns/server/control_loop.hpp"

#include <new>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::server {
namespace {

TEST(ControlLoop, GoesOnAfterAChangeThatThrows) {
  boost::asio::io_context loop;
  const auto work = boost::asio::make_work_guard(loop);
  std::vector<std::string> lines;
  bool is_next_done = false;
  boost::asio::post(loop, [] { throw std::bad_alloc(); });
  boost::asio::post(loop, [&] {
    is_next_done = true;
    loop.stop();
  });
  run_until_stopped(loop, [&](LogLevel, std::string_view line) { lines.emplace_back(line); });
  EXPECT_TRUE(is_next_done);
  EXPECT_THAT(lines, ::testing::ElementsAre("a change was given up: std::bad_alloc; what is in force stays"));
}

}  // namespace
}  // namespace meshdns::server
