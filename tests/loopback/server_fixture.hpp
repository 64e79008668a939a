// ServerTest: a whole server on ports of loopback that the kernel picks, started through the public door.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <meshdns/server.hpp>

#include "tests/support/dns_client.hpp"
#include "tests/support/scripted_upstream.hpp"

namespace meshdns::test {

using std::chrono::milliseconds;

SocketAddress socket_address(std::string_view text);  // `127.0.0.1:0`
DomainName domain(std::string_view text);

// A folder of its own for one test, removed with it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  std::string write(std::string_view name, std::string_view text) const;    // in place; returns the path
  std::string replace(std::string_view name, std::string_view text) const;  // beside it, then renamed over it

 private:
  std::filesystem::path folder_;
};

// What the server logs; lines can be waited for.
class LogLines {
 public:
  LogSink sink();
  bool wait_for(std::string_view part, std::size_t times = 1, milliseconds limit = kPatience);
  std::size_t count(std::string_view part) const;
  std::string text() const;

 private:
  std::size_t count_locked(std::string_view part) const;

  mutable std::mutex mutex_;
  std::condition_variable added_;
  std::vector<std::string> lines_;
};

// True as soon as `condition` is; for states that nobody announces.
bool becomes_true(const std::function<bool()>& condition, milliseconds limit = kPatience);

class ServerTest : public ::testing::Test {
 protected:
  // Owns `mesh`: backend (both families), three (three addresses), *.wild, many (150 addresses), v4 (IPv4
  // only); overlay: api.example.com.
  static std::string shop_zone();

  // A block for every name on 127.0.0.1.
  static BlockOptions block(std::string_view listen = "127.0.0.1:0");
  BlockOptions mesh_block(std::string_view zone_text = shop_zone());
  static void forward_to(BlockOptions& block, const SocketAddress& upstream);

  void start(ServerOptions options);
  void start(BlockOptions block) { start(ServerOptions{.blocks = {std::move(block)}}); }
  SocketAddress address(std::size_t i = 0) const { return server->status().listening.at(i); }
  CounterValues counters() const { return server->status().counters; }

  TemporaryFolder folder;
  LogLines log;
  std::unique_ptr<Server> server;
};

}  // namespace meshdns::test
