#include "dns/admin/readiness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace meshdns::admin {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ReadinessTest : public ::testing::Test {
 protected:
  ReadinessTest() {
    status.listening = {SocketAddress::parse("127.0.0.1:53", 0).value()};
    status.blocks.resize(2);
    status.blocks[0].has_mesh = true;
    status.blocks[0].waiting_for = {"unix:/run/kuma.sock"};
    readiness.use(false, 15s);
  }

  std::string said(std::chrono::milliseconds after = 0ms) {
    const HttpResponse response = readiness.respond(status, start + after);
    return std::to_string(response.status) + " " + response.body;
  }

  void load() {
    status.blocks[0].zone_loaded = true;
    status.blocks[0].waiting_for.clear();
  }

  std::vector<std::string> lines;
  LogSink sink = [this](LogLevel, std::string_view text) { lines.emplace_back(text); };
  const Readiness::Clock::time_point start = Readiness::Clock::now();
  Readiness readiness{sink, start};
  Status status;
};

TEST_F(ReadinessTest, WaitsForSocketsAndZones) {
  EXPECT_EQ(said(), "503 mesh (unix:/run/kuma.sock)");
  load();
  EXPECT_EQ(said(), "200 OK");
  Status starting;
  Readiness fresh{sink, start};
  EXPECT_EQ(fresh.respond(starting, start).body, "dns");
  EXPECT_EQ(fresh.respond(starting, start + 1h).status, 503)
      << "without sockets there is nothing to be ready";
}

TEST_F(ReadinessTest, NamesEveryBlockThatIsMissing) {
  status.blocks[1] = status.blocks[0];
  status.blocks[1].waiting_for.clear();
  EXPECT_EQ(said(), "503 mesh (unix:/run/kuma.sock),mesh");
}

TEST_F(ReadinessTest, WhatWasReadyStaysReadyUnlessMonitoredContinuously) {
  load();
  EXPECT_EQ(said(), "200 OK");
  status.blocks[0].zone_loaded = false;
  EXPECT_EQ(said(), "200 OK");
  readiness.use(true, 15s);
  EXPECT_EQ(said(), "503 mesh");
}

TEST_F(ReadinessTest, FailsOpenInTheEndWithOneWarning) {
  EXPECT_EQ(said(14'999ms), "503 mesh (unix:/run/kuma.sock)");
  EXPECT_THAT(lines, IsEmpty());
  EXPECT_EQ(said(15s), "200 OK");
  EXPECT_EQ(said(16s), "200 OK");
  EXPECT_THAT(lines,
              ElementsAre("plugin/ready: ready without mesh (unix:/run/kuma.sock) after 15 s: names of the "
                          "mesh fail until it is there"));
}

TEST_F(ReadinessTest, MayNeverFailOpen) {
  readiness.use(false, 0s);
  EXPECT_EQ(said(24h), "503 mesh (unix:/run/kuma.sock)");
}

TEST_F(ReadinessTest, SaysWhenItIsAboutToGo) {
  load();
  EXPECT_EQ(said(), "200 OK");
  readiness.shut_down();
  EXPECT_EQ(said(), "503 Shutting down");
}

}  // namespace
}  // namespace meshdns::admin
