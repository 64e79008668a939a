#include "tests/loopback/server_fixture.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace meshdns::test {

namespace fs = std::filesystem;

SocketAddress socket_address(std::string_view text) {
  return SocketAddress::parse(text, 0).value();
}

DomainName domain(std::string_view text) {
  return DomainName::parse(text).value();
}

TemporaryFolder::TemporaryFolder() {
  std::string path = (fs::temp_directory_path() / "meshdns-test-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    throw std::runtime_error("no temporary folder");
  }
  folder_ = path;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string TemporaryFolder::write(std::string_view name, std::string_view text) const {
  const fs::path file = folder_ / name;
  std::ofstream(file, std::ios::trunc) << text;
  return file.string();
}

std::string TemporaryFolder::replace(std::string_view name, std::string_view text) const {
  const fs::path draft = write(std::string(name) + "~", text);
  fs::rename(draft, folder_ / name);
  return path(name);
}

LogSink LogLines::sink() {
  return [this](LogLevel, std::string_view text) {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(text);
    added_.notify_all();
  };
}

bool LogLines::wait_for(std::string_view part, std::size_t times, milliseconds limit) {
  std::unique_lock lock(mutex_);
  return added_.wait_for(lock, limit, [&] { return count_locked(part) >= times; });
}

std::size_t LogLines::count(std::string_view part) const {
  const std::lock_guard lock(mutex_);
  return count_locked(part);
}

std::size_t LogLines::count_locked(std::string_view part) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines_, [&](const std::string& line) { return line.contains(part); }));
}

std::string LogLines::text() const {
  const std::lock_guard lock(mutex_);
  std::string all;
  for (const std::string& line : lines_) {
    all += line + "\n";
  }
  return all;
}

bool becomes_true(const std::function<bool()>& condition, milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

std::string ServerTest::shop_zone() {
  std::string text = R"(owns: [mesh]
records:
  - {name: backend.mesh, ips: [240.0.0.1, "fd00::1"]}
  - {name: three.mesh, ips: [240.0.0.11, 240.0.0.12, 240.0.0.13]}
  - {name: "*.wild.mesh", ips: [240.0.0.20]}
  - {name: v4.mesh, ips: [240.0.0.30]}
  - {name: api.example.com, ips: [240.0.0.40]}
  - name: many.mesh
    ips: [)";
  for (int i = 1; i <= 150; ++i) {
    text += "240.1.0." + std::to_string(i) + (i < 150 ? ", " : "]\n");
  }
  return text;
}

BlockOptions ServerTest::block(std::string_view listen) {
  BlockOptions block;
  block.zones = {DomainName()};
  block.listen = {socket_address(listen)};
  return block;
}

BlockOptions ServerTest::mesh_block(std::string_view zone_text) {
  BlockOptions options = block();
  options.mesh.emplace().source.paths = {folder.write("zone.yaml", zone_text)};
  return options;
}

void ServerTest::forward_to(BlockOptions& block, const SocketAddress& upstream) {
  ForwardOptions forward;
  forward.to = {upstream};
  block.forward.push_back(forward);
}

void ServerTest::start(ServerOptions options) {
  auto started = Server::start(std::move(options), log.sink());
  ASSERT_TRUE(started.has_value()) << started.error().what;
  server = std::move(*started);
}

}  // namespace meshdns::test
