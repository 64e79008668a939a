#include "dns/server/port_owner.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>

namespace meshdns::server {
namespace {

namespace fs = std::filesystem;

using Links = std::set<std::string>;  // what a descriptor of such a socket leads to: `socket:[4711]`

// `0100007F:0035`: words of 32 bits as they lie in memory, written as numbers.
std::optional<SocketAddress> parse_table_address(std::string_view text) {
  const std::size_t colon = text.find(':');
  constexpr std::size_t kWordDigits = 8;
  if (colon != kWordDigits && colon != 4 * kWordDigits) {
    return {};
  }
  SocketAddress address;
  address.ip.is_v6 = colon != kWordDigits;
  for (std::size_t at = 0; at < colon; at += kWordDigits) {
    std::uint32_t word = 0;
    std::from_chars(&text[at], &text[at] + kWordDigits, word, 16);
    std::memcpy(&address.ip.octets[at / 2], &word, sizeof word);
  }
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), address.port, 16);
  return address;
}

bool is_in_the_way(const SocketAddress& owned, const SocketAddress& wanted) {
  return owned.port == wanted.port &&
         (owned.ip == wanted.ip || owned.ip.is_unspecified() || wanted.ip.is_unspecified());
}

Links sockets_of(const char* table, const SocketAddress& wanted) {
  constexpr int kFieldsBeforeInode = 7;
  Links links;
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // the titles
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string number;
    std::string local;
    std::string inode;
    fields >> number >> local;
    for (int i = 0; i < kFieldsBeforeInode; ++i) {
      fields >> inode;
    }
    fields >> inode;
    const auto owned = parse_table_address(local);
    if (owned && is_in_the_way(*owned, wanted) && inode != "0") {  // 0: a connection that nobody has any more
      links.insert("socket:[" + inode + "]");
    }
  }
  return links;
}

bool has_one_of(const fs::path& process, const Links& links) {
  std::error_code failed;
  for (fs::directory_iterator fd(process / "fd", failed), end; !failed && fd != end; fd.increment(failed)) {
    std::error_code closed_meanwhile;
    if (links.contains(fs::read_symlink(fd->path(), closed_meanwhile).string())) {
      return true;
    }
  }
  return false;
}

std::optional<PortOwner> find_process(const Links& links) {
  std::error_code failed;
  for (fs::directory_iterator process("/proc", failed), end; !failed && process != end;
       process.increment(failed)) {
    const std::string name = process->path().filename();
    PortOwner owner;
    const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), owner.pid);
    if (error != std::errc() || rest != name.data() + name.size() || !has_one_of(process->path(), links)) {
      continue;
    }
    std::ifstream comm(process->path() / "comm");
    std::getline(comm, owner.program);
    return owner;
  }
  return {};
}

}  // namespace

std::optional<PortOwner> find_port_owner(const SocketAddress& address) {
  // A wildcard of the other family is in the way only where it takes both; so it is looked at last.
  using Tables = std::array<const char*, 2>;
  for (Tables tables : {Tables{"/proc/thread-self/net/udp", "/proc/thread-self/net/udp6"},
                        Tables{"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"}}) {
    if (address.ip.is_v6) {
      std::ranges::reverse(tables);
    }
    for (const char* table : tables) {
      const Links links = sockets_of(table, address);
      if (auto owner = links.empty() ? std::nullopt : find_process(links)) {
        return owner;
      }
    }
  }
  return {};
}

}  // namespace meshdns::server
