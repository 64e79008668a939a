#include "tests/netns/redirect_fixture.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

namespace meshdns::testing {
namespace {

std::string cable_listing() {
  return run_program({"nft", "list", "table", "inet", "cable"}).out;
}

}  // namespace

TemporaryFolder::TemporaryFolder() : path_(::testing::TempDir() + "meshdns-netns-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) {
    throw std::runtime_error("cannot make " + path_);
  }
  std::filesystem::permissions(path_, std::filesystem::perms(0755));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::file(const std::string& name, const std::string& text) const {
  std::string path = path_ + "/" + name;
  std::ofstream(path) << text;
  std::filesystem::permissions(path, std::filesystem::perms(0644));
  return path;
}

void RedirectFixture::SetUp() {
  if (const auto reason = Network::unavailable()) {
    GTEST_SKIP() << *reason;
  }
  restart_network();
}

void RedirectFixture::restart_network() {
  root_.reset();
  app_.reset();
  kuma_dp_.reset();
  network_.reset();
  network_ = std::make_unique<Network>();
  root_ = std::make_unique<Asker>(kRoot);
  app_ = std::make_unique<Asker>(kApp);
  kuma_dp_ = std::make_unique<Asker>(kKumaDp);
}

Finished RedirectFixture::redirect(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), MESHDNS_REDIRECT_BINARY);
  arguments.insert(arguments.end(),
                   {"--state-dir", folder_.path() + "/state", "--firewalld-dir", folder_.path()});
  return run_program(arguments);
}

Finished RedirectFixture::redirect_without_state(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), MESHDNS_REDIRECT_BINARY);
  return run_program(arguments);
}

void RedirectFixture::install(const std::vector<std::string>& servers,
                              const std::vector<std::string>& more_flags) {
  std::string text;
  for (const std::string& server : servers) {
    text += fmt::format("nameserver {}\n", server);
  }
  std::vector<std::string> arguments = {"install", "--kuma-dp-user", std::to_string(kKumaDp), "--resolv-conf",
                                        folder_.file("resolv.conf", text)};
  arguments.insert(arguments.end(), {"--redirect-inbound=false", "--redirect-outbound=false"});
  if (std::ranges::find(more_flags, "--redirect-all-dns-traffic") == more_flags.end()) {
    arguments.emplace_back("--redirect-dns");
  }
  arguments.insert(arguments.end(), more_flags.begin(), more_flags.end());
  const Finished installed = redirect(arguments);
  ASSERT_EQ(installed.exit_code, 0) << installed.err;
}

void RedirectFixture::watch_cable() {
  nft(fmt::format(
      "table inet cable {{ chain out {{ type filter hook output priority 200; policy accept;\n"
      "oifname {0} meta l4proto {{ tcp, udp }} th dport 53 counter comment \"anybody\"\n"
      "oifname {0} meta l4proto {{ tcp, udp }} th dport 53 meta skuid {1} counter comment \"user {1}\"\n"
      "oifname {0} meta l4proto {{ tcp, udp }} th dport 53 meta skuid {2} counter comment \"user {2}\"\n"
      "}}\n}}\n",
      kHostInterface, kApp, kKumaDp));
}

std::uint64_t RedirectFixture::packets_of_anybody() {
  return packets_counted(cable_listing(), "anybody");
}

std::uint64_t RedirectFixture::packets_of(uid_t user) {
  return packets_counted(cable_listing(), fmt::format("user {}", user));
}

std::uint64_t packets_counted(const std::string& listing, const std::string& comment) {
  constexpr std::string_view kCounter = "counter packets ";
  const std::size_t end = listing.find(fmt::format("comment \"{}\"", comment));
  const std::size_t start = end == std::string::npos ? end : listing.rfind(kCounter, end);
  if (start == std::string::npos) {
    throw std::runtime_error("no counter of \"" + comment + "\" in " + listing);
  }
  return std::stoull(listing.substr(start + kCounter.size()));
}

}  // namespace meshdns::testing
