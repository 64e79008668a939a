// Where and with how many threads: bind, multisocket.
#include <algorithm>
#include <charconv>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

constexpr unsigned kMaxWorkers = 64;

std::optional<SocketAddress> address_of(const sockaddr* from) {
  SocketAddress address;
  if (from != nullptr && from->sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in*>(from)->sin_addr;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&v4), 4, address.ip.octets.begin());
  } else if (from != nullptr && from->sa_family == AF_INET6) {
    const auto& v6 = *reinterpret_cast<const sockaddr_in6*>(from);
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr), 16, address.ip.octets.begin());
    address.ip.is_v6 = true;
    address.scope = v6.sin6_scope_id;
  } else {
    return std::nullopt;
  }
  return address;
}

// Adds the addresses of an interface; false if there is none of that name.
bool add_interface(const std::string& name, std::vector<SocketAddress>& addresses) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) {
    return false;
  }
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  bool found = false;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (name == entry->ifa_name) {
      found = true;
      if (const auto address = address_of(entry->ifa_addr)) {
        addresses.push_back(*address);
      }
    }
  }
  return found;
}

Result<std::vector<SocketAddress>> addresses_of(const Statement& statement) {
  std::vector<SocketAddress> addresses;
  for (std::size_t i = 1; i < statement.words.size(); ++i) {
    const std::string& word = statement.words[i].text;
    if (add_interface(word, addresses)) {
      continue;
    }
    const bool scoped = word.contains('%') && !word.starts_with('[');
    if (const auto scoped_address = scoped ? SocketAddress::parse(word, 0) : std::nullopt) {
      addresses.push_back(*scoped_address);
    } else if (const auto ip = IpAddress::parse(word)) {
      addresses.push_back({*ip});
    } else {
      return config_error(fmt::format("not a valid IP address or interface name: \"{}\"", word));
    }
  }
  return addresses;
}

Result<void> apply_bind(const Statement& statement, BlockDraft& draft) {
  const auto addresses = addresses_of(statement);
  if (!addresses) {
    return std::unexpected(addresses.error());
  }
  draft.bound = true;
  draft.bind_line = draft.bind.size();
  for (const auto& address : *addresses) {
    if (std::ranges::find(draft.bind, address) == draft.bind.end()) {
      draft.bind.push_back(address);
    }
  }
  return {};
}

Result<void> apply_bind_except(const Statement& statement, BlockDraft& draft) {
  const auto addresses = addresses_of(statement);
  if (!addresses) {
    return std::unexpected(addresses.error());
  }
  const auto line_begin = draft.bind.begin() + static_cast<std::ptrdiff_t>(draft.bind_line);
  draft.bind.erase(std::remove_if(line_begin, draft.bind.end(),
                                  [&](const SocketAddress& address) {
                                    return std::ranges::find(*addresses, address) != addresses->end();
                                  }),
                   draft.bind.end());
  return {};
}

Result<void> apply_multisocket(const Statement& statement, BlockDraft& draft) {
  if (statement.argument_count() == 0) {
    draft.workers = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxWorkers);
    return {};
  }
  const std::string& word = statement.words[1].text;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), draft.workers);
  if (failed != std::errc() || end != word.data() + word.size() || draft.workers < 1 ||
      draft.workers > kMaxWorkers) {
    return parse_error(statement.words[1],
                       fmt::format("invalid num sockets: '{}', expected 1..{}", word, kMaxWorkers));
  }
  return {};
}

constexpr Option kBindOptions[] = {
    {"except",
     {"ADDRESS|INTERFACE...", 1},
     "none",
     "Addresses of this `bind` line to leave out.",
     apply_bind_except},
};

}  // namespace

const Directive kBind = {
    "bind",
    {"ADDRESS|INTERFACE...", 1},
    true,
    "Addresses to listen on, UDP and TCP. An interface stands for all addresses it has at start; link-local "
    "IPv6 "
    "addresses are written `fe80::1%eth0`. Several lines add up. Without `bind` a block listens on every "
    "address of "
    "the host, IPv4 and IPv6.",
    kBindOptions,
    apply_bind,
};

const Directive kMultisocket = {
    "multisocket",
    {"[N]", 0, 1},
    false,
    "Number of workers, 1..64: threads with sockets of their own. Without N one per CPU. It holds for the "
    "whole "
    "server; where blocks differ, the largest number counts. Without `multisocket` there is one worker.",
    {},
    apply_multisocket,
};

}  // namespace meshdns::corefile
