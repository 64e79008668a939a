// New zone data: seen soon, whole, and never taken back.
#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/loopback/server_fixture.hpp"

namespace meshdns::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string zone_with(std::string_view ip) {
  return "owns: [mesh]\nrecords: [{name: backend.mesh, ips: [" + std::string(ip) + "]}]\n";
}

class ZoneReload : public ServerTest {
 protected:
  void start_with(const std::string& path) {
    BlockOptions only = block();
    only.mesh.emplace().source.paths = {path};
    start(only);
  }

  std::string backend() {
    const auto reply = ask_udp(address(), {.name = "backend.mesh"});
    if (!reply) {
      return "no answer";
    }
    return reply->answer.empty() ? reply->rcode : reply->answer[0].substr(reply->answer[0].rfind(' ') + 1);
  }

  void expect_soon(const std::string& ip) {
    EXPECT_TRUE(becomes_true([&] { return backend() == ip; }))
        << "expected " << ip << ", is " << backend() << "\n"
        << log.text();
  }
};

TEST_F(ZoneReload, SeesAFileReplacedByRename) {
  start_with(folder.write("zone.yaml", zone_with("240.0.0.1")));
  EXPECT_EQ(backend(), "240.0.0.1");
  folder.replace("zone.yaml", zone_with("240.0.0.2"));
  expect_soon("240.0.0.2");
  EXPECT_TRUE(becomes_true([&] { return server->status().blocks[0].zone_reloads == 2; }));
}

TEST_F(ZoneReload, SeesAFileEditedInPlace) {
  start_with(folder.write("zone.yaml", zone_with("240.0.0.1")));
  folder.write("zone.yaml", zone_with("240.0.0.2"));
  expect_soon("240.0.0.2");
}

TEST_F(ZoneReload, SeesAConfigMapsSymlinkSwap) {
  for (const char* generation : {"1", "2"}) {
    fs::create_directory(folder.path(generation));
    folder.write(std::string(generation) + "/zone.yaml", zone_with(std::string("240.0.0.") + generation));
  }
  fs::create_directory_symlink("1", folder.path("..data"));
  fs::create_symlink("..data/zone.yaml", folder.path("zone.yaml"));
  start_with(folder.path("zone.yaml"));
  EXPECT_EQ(backend(), "240.0.0.1");
  fs::create_directory_symlink("2", folder.path("..data_tmp"));
  fs::rename(folder.path("..data_tmp"), folder.path("..data"));
  expect_soon("240.0.0.2");
}

TEST_F(ZoneReload, SeesFilesComeToAndGoFromAFolder) {
  fs::create_directory(folder.path("zones"));
  folder.write("zones/a.yaml", zone_with("240.0.0.1"));
  start_with(folder.path("zones"));
  folder.write("zones/b.yaml", zone_with("240.0.0.2"));
  expect_soon("240.0.0.2");
  fs::remove(folder.path("zones/b.yaml"));
  expect_soon("240.0.0.1");
}

TEST_F(ZoneReload, ABadFileKeepsTheOldZoneUntilAGoodOneComes) {
  start_with(folder.write("zone.yaml", zone_with("240.0.0.1")));
  folder.replace("zone.yaml", "records: [{name: backend.mesh, ips: [240.0.0.300]}]\n");
  ASSERT_TRUE(log.wait_for("the zone in force stays"));
  EXPECT_THAT(log.text(), HasSubstr("zone.yaml:1:"));
  EXPECT_EQ(backend(), "240.0.0.1");
  EXPECT_TRUE(becomes_true([&] { return server->status().blocks[0].zone_failures == 1; }));
  EXPECT_THAT(server->status().blocks[0].last_zone_error, HasSubstr("240.0.0.300"));

  fs::remove(folder.path("zone.yaml"));
  ASSERT_TRUE(log.wait_for("the zone in force stays", 2));
  EXPECT_EQ(backend(), "240.0.0.1");

  folder.replace("zone.yaml", zone_with("240.0.0.2"));
  expect_soon("240.0.0.2");
  EXPECT_TRUE(becomes_true([&] { return server->status().blocks[0].last_zone_error.empty(); }));
  EXPECT_EQ(log.count("the zone in force stays"), 2U) << "one line for each fault";
}

TEST_F(ZoneReload, ReadsOnRequestWhereWatchingIsOff) {
  BlockOptions only = block();
  only.mesh.emplace().source.paths = {folder.write("zone.yaml", zone_with("240.0.0.1"))};
  only.mesh->reload = false;
  start(only);
  folder.write("zone.yaml", zone_with("240.0.0.2"));
  EXPECT_EQ(backend(), "240.0.0.1");
  EXPECT_TRUE(server->reload_zones());
  EXPECT_EQ(backend(), "240.0.0.2");
  folder.write("zone.yaml", "nonsense");
  const auto refused = server->reload_zones();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::InvalidZone);
  EXPECT_EQ(backend(), "240.0.0.2");
}

TEST_F(ZoneReload, TheHostProgramReplacesTheZone) {
  BlockOptions only = block();
  only.mesh.emplace();
  start({.blocks = {only, block("127.0.0.2:0")}, .workers = 2});
  EXPECT_EQ(backend(), "NXDOMAIN");
  for (const char* ip : {"240.0.0.1", "240.0.0.2", "240.0.0.3"}) {
    MeshZone zone;
    zone.owns = {domain("mesh")};
    zone.records = {{.name = domain("backend.mesh"), .addresses = {IpAddress::parse(ip).value()}}};
    ASSERT_TRUE(server->replace_zone(0, zone));
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(backend(), ip) << "from the first query after the call on";
    }
  }
  EXPECT_EQ(server->status().blocks[0].names, 1U);
  EXPECT_FALSE(server->replace_zone(1, {}));
  EXPECT_FALSE(server->replace_zone(7, {}));
}

constexpr int kNames = 10'000;

// Every name of a generation has the address 240.G.0.1, and the one TTL 100 + G.
std::string generation(int number) {
  std::string text = "owns: [mesh]\nttl: " + std::to_string(100 + number) + "\nrecords:\n";
  for (int i = 0; i < kNames; ++i) {
    text += "  - {name: n" + std::to_string(i) + ".mesh, ips: [240." + std::to_string(number) + ".0.1, 240." +
            std::to_string(number) + ".0.2]}\n";
  }
  return text;
}

struct Seen {
  std::atomic<std::uint64_t> answers = 0;
  std::atomic<std::uint64_t> lost = 0;
  std::atomic<std::uint64_t> wrong = 0;  // neither generation, or both
  std::atomic<std::uint64_t> stale = 0;  // the old one although the reload was over when the query left
};

TEST_F(ZoneReload, NothingIsLostOrMixedWhileItReloadsAllTheTime) {
  constexpr int kSwaps = 60;
  const std::string texts[2] = {generation(0), generation(1)};
  const MeshZone zones[2] = {parse_mesh_zone(texts[0], "0", {}).value(),
                             parse_mesh_zone(texts[1], "1", {}).value()};
  const std::string path = folder.write("zone.yaml", texts[0]);
  BlockOptions only = block();
  only.mesh.emplace().source.paths = {path};
  only.mesh->reload = false;  // one swap for each call below
  start({.blocks = {only}, .workers = 2});

  std::atomic<bool> is_over = false;
  std::atomic<int> begun = 0;  // reloads that may have taken effect
  std::atomic<int> done = 0;   // reloads that must have
  Seen seen;
  const auto ask_all_the_time = [&](bool over_tcp, unsigned number) {
    TcpClient tcp(address());
    UdpClient udp(address());
    while (!is_over) {
      number = (number * 7 + 1) % kNames;
      const QuerySpec query{.name = "n" + std::to_string(number) + ".mesh",
                            .id = static_cast<std::uint16_t>(number)};
      const int earliest = done;
      const auto reply = over_tcp ? tcp.ask(query) : udp.ask(query);
      const int latest = begun;
      if (!reply || reply->id != number) {
        ++seen.lost;
        continue;
      }
      ++seen.answers;
      int which = -1;
      for (int g = 0; g < 2; ++g) {
        const std::string prefix =
            query.name + ". " + std::to_string(100 + g) + " IN A 240." + std::to_string(g) + ".0.";
        if (reply->answer.size() == 2 && reply->answer[0].starts_with(prefix) &&
            reply->answer[1].starts_with(prefix)) {
          which = g;
        }
      }
      seen.wrong += which < 0 ? 1 : 0;
      seen.stale += which >= 0 && earliest == latest && which != earliest % 2 ? 1 : 0;
    }
  };
  {
    std::vector<std::jthread> clients;
    for (unsigned i = 0; i < 4; ++i) {
      clients.emplace_back(ask_all_the_time, i == 3, i * 17);
    }
    for (int swap = 1; swap <= kSwaps; ++swap) {
      begun = swap;
      if (swap % 10 == 0) {  // reading a file takes longest
        folder.replace("zone.yaml", texts[swap % 2]);
        EXPECT_TRUE(server->reload_zones());
      } else {
        EXPECT_TRUE(server->replace_zone(0, zones[swap % 2]));
      }
      done = swap;
    }
    is_over = true;
  }
  EXPECT_EQ(seen.lost, 0U);
  EXPECT_EQ(seen.wrong, 0U);
  EXPECT_EQ(seen.stale, 0U);
  EXPECT_GT(seen.answers, 1000U);
  EXPECT_EQ(server->status().blocks[0].zone_reloads, 1U + kSwaps);
  RecordProperty("answers", static_cast<int>(seen.answers));
}

TEST_F(ZoneReload, AFileThatNeverRestsIsReadAllTheSame) {
  start_with(folder.write("zone.yaml", zone_with("240.0.0.1")));
  std::jthread writer([&](const std::stop_token& token) {
    for (int i = 0; !token.stop_requested(); ++i) {
      folder.replace("zone.yaml",
                     zone_with("240.0.0.2") + std::string(static_cast<std::size_t>(i % 7), '\n'));
      std::this_thread::sleep_for(milliseconds(10));
    }
  });
  expect_soon("240.0.0.2");
}

}  // namespace
}  // namespace meshdns::test
