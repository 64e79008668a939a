// plan(): what a RedirectSpec means, as rules in a small model of our own.
//
// Pure: no kernel, no files, no privilege. A backend turns a Plan into its own language; nft_text.hpp is the
// first. What each rule is for is told in README.md of this folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/redirect.hpp>
#include <meshdns/result.hpp>

namespace meshdns::redirect {

inline constexpr std::uint16_t kDnsPort = 53;

// Conntrack zone of queries that are redirected. Its number is of no importance except that it is not 0; it
// is the one that Kuma uses.
inline constexpr std::uint16_t kRedirectedZone = 2;

enum class Family : std::uint8_t { Any, Ipv4, Ipv6 };
enum class Protocol : std::uint8_t { Udp, Tcp };

enum class Action : std::uint8_t {
  SplitZone,  // track the packet in conntrack zone `target`
  Redirect,   // deliver it to port `target` on loopback
};

// Applies to packets that this host sends to `port`, unless their socket was opened by `except_uid`.
struct Rule {
  Action action = Action::Redirect;
  Family family = Family::Any;
  Protocol protocol = Protocol::Udp;
  std::vector<IpAddress> destinations;  // all of `family`, no duplicates; empty: every destination
  std::uint16_t port = kDnsPort;
  std::uint32_t except_uid = 0;
  std::uint16_t target = 0;

  bool operator==(const Rule&) const = default;
};

enum class ChainType : std::uint8_t { Filter, Nat };

// Rules that see every packet which leaves a local process, lower priorities first.
struct Chain {
  std::string name;
  ChainType type = ChainType::Filter;
  int priority = 0;
  std::vector<Rule> rules;

  bool operator==(const Chain&) const = default;
};

struct Plan {
  std::vector<Chain> chains;
  std::vector<std::string> warnings;
};

// Errors: InvalidConfig.
Result<Plan> plan(const RedirectSpec& spec);

}  // namespace meshdns::redirect
