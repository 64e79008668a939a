// RedirectFixture: a host with its usual resolvers, users and somewhere else to go, for tests of
// meshdns-redirect.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/netns/asker.hpp"
#include "tests/netns/network.hpp"
#include "tests/netns/tagged_server.hpp"
#include "tests/redirect/run_program.hpp"

namespace meshdns::testing {

inline constexpr uid_t kRoot = 0;
inline constexpr uid_t kApp = 6001;
inline constexpr uid_t kKumaDp = 5678;

// A folder that every user may read, removed with this object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path() const { return path_; }

  // Writes a file and gives its path.
  std::string file(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

class RedirectFixture : public ::testing::Test {
 protected:
  void SetUp() override;

  // A new network and new users in it; nothing of the old one is left.
  void restart_network();

  // Runs meshdns-redirect with a lock and a record of this test's own.
  Finished redirect(std::vector<std::string> arguments) const;

  // The same for commands that know nothing of these.
  static Finished redirect_without_state(std::vector<std::string> arguments);

  // Installs the redirect of DNS alone, with resolv.conf naming `servers` and sparing kKumaDp, and expects
  // success.
  void install(const std::vector<std::string>& servers, const std::vector<std::string>& more_flags = {});

  // Counts packets to port 53 that leave the host, from now on.
  static void watch_cable();
  static std::uint64_t packets_of_anybody();
  static std::uint64_t packets_of(uid_t user);

  const Asker& root() const { return *root_; }
  const Asker& app() const { return *app_; }
  const Asker& kuma_dp() const { return *kuma_dp_; }
  const Network& network() const { return *network_; }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Asker> root_;
  std::unique_ptr<Asker> app_;
  std::unique_ptr<Asker> kuma_dp_;
};

// Packets that the rule with this comment has counted, in a listing of nft.
std::uint64_t packets_counted(const std::string& listing, const std::string& comment);

}  // namespace meshdns::testing
