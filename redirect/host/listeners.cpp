#include "redirect/host/listeners.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace meshdns::redirect {
namespace {

namespace fs = std::filesystem;

// As the kernel prints it: words of 32 bits in the order of the host.
std::string address_text(const std::string& hex) {
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = hex.size() / 8;
  for (std::size_t i = 0; i < count && i < words.size(); ++i) {
    words[i] = static_cast<std::uint32_t>(std::stoul(hex.substr(8 * i, 8), nullptr, 16));
  }
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(count == 1 ? AF_INET : AF_INET6, words.data(), text, sizeof text);
  return text;
}

struct Found {
  Listener listener;
  std::string inode;
};

void read_table(const std::string& protocol, const std::vector<std::uint16_t>& ports,
                std::vector<Found>& found) {
  // TCP_LISTEN, and TCP_CLOSE for a UDP socket that is not connected.
  const std::string wanted = protocol.starts_with("tcp") ? "0A" : "07";
  std::ifstream table("/proc/self/net/" + protocol);
  std::string line;
  std::getline(table, line);
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string number;
    std::string local;
    std::string skipped;
    std::string state;
    Found entry{.listener = {.protocol = protocol}};
    words >> number >> local >> skipped >> state >> skipped >> skipped >> skipped >> entry.listener.uid >>
        skipped >> entry.inode;
    const std::size_t colon = local.find(':');
    if (!words || state != wanted || colon == std::string::npos) {
      continue;
    }
    entry.listener.port = static_cast<std::uint16_t>(std::stoul(local.substr(colon + 1), nullptr, 16));
    if (std::ranges::find(ports, entry.listener.port) != ports.end()) {
      entry.listener.address = address_text(local.substr(0, colon));
      found.push_back(std::move(entry));
    }
  }
}

std::vector<fs::path> processes() {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    if (std::isdigit(static_cast<unsigned char>(entry.path().filename().string()[0])) != 0) {
      found.push_back(entry.path());
    }
  }
  return found;
}

std::string name_of(const fs::path& process) {
  std::ifstream file(process / "comm");
  std::string name;
  std::getline(file, name);
  return name;
}

}  // namespace

std::vector<Listener> find_listeners(const std::vector<std::uint16_t>& ports) {
  std::vector<Found> found;
  for (const char* protocol : {"udp", "udp6", "tcp", "tcp6"}) {
    read_table(protocol, ports, found);
  }
  std::map<std::string, std::string> program_of_socket;
  for (const Found& entry : found) {
    program_of_socket[fmt::format("socket:[{}]", entry.inode)];
  }
  for (const fs::path& process : program_of_socket.empty() ? std::vector<fs::path>{} : processes()) {
    std::error_code ignored;
    for (const auto& descriptor : fs::directory_iterator(process / "fd", ignored)) {
      const auto known = program_of_socket.find(fs::read_symlink(descriptor.path(), ignored).string());
      if (known != program_of_socket.end() && known->second.empty()) {
        known->second = name_of(process);
      }
    }
  }
  std::vector<Listener> listeners;
  listeners.reserve(found.size());
  for (Found& entry : found) {
    entry.listener.program = program_of_socket[fmt::format("socket:[{}]", entry.inode)];
    listeners.push_back(std::move(entry.listener));
  }
  return listeners;
}

bool is_running(const std::string& program) {
  return std::ranges::any_of(processes(),
                             [&](const fs::path& process) { return name_of(process) == program; });
}

}  // namespace meshdns::redirect
