// Rule, Table, Plan: what a RedirectSpec means, as rules in a small model of our own.
//
// Pure: no kernel, no files, no privilege. The planners make these, the two *_text files print them, and the
// backends put the text in force. What each rule is for is told in README.md of redirect/.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <meshdns/redirect.hpp>

namespace meshdns::redirect {

inline constexpr std::uint16_t kDnsPort = 53;

enum class Family : std::uint8_t { Any, Ipv4, Ipv6 };
enum class Protocol : std::uint8_t { Udp, Tcp };

// Matches. A rule applies to a packet that all of its matches agree to.
struct OfFamily {
  Family family = Family::Ipv6;
  bool operator==(const OfFamily&) const = default;
};
struct OfProtocol {
  Protocol protocol = Protocol::Tcp;
  // iptables: a module to load first. Lists of ports need `multiport`.
  enum class Module : std::uint8_t { None, Itself, Multiport };
  Module module = Module::None;
  bool operator==(const OfProtocol&) const = default;
};
struct EntersBy {
  std::string interface;  // may end in `+`
  bool operator==(const EntersBy&) const = default;
};
struct LeavesBy {
  std::string interface;
  bool operator==(const LeavesBy&) const = default;
};
struct ComesFrom {
  std::vector<IpNetwork> networks;  // of one family
  bool operator==(const ComesFrom&) const = default;
};
struct GoesTo {
  std::vector<IpNetwork> networks;  // of one family
  bool negated = false;
  bool operator==(const GoesTo&) const = default;
};
struct FromPort {
  std::uint16_t port = 0;
  bool operator==(const FromPort&) const = default;
};
struct ToPorts {
  std::vector<PortRange> ports;
  bool negated = false;
  bool operator==(const ToPorts&) const = default;
};
struct OwnedBy {
  UidRange uids;
  bool negated = false;
  bool operator==(const OwnedBy&) const = default;
};
struct IsInvalid {  // to conntrack
  bool operator==(const IsInvalid&) const = default;
};
struct OpensConnection {  // the first packet of a TCP connection
  bool operator==(const OpensConnection&) const = default;
};
using Match = std::variant<OfFamily, OfProtocol, EntersBy, LeavesBy, ComesFrom, GoesTo, FromPort, ToPorts,
                           OwnedBy, IsInvalid, OpensConnection>;

// Actions.
struct Return {
  bool operator==(const Return&) const = default;
};
struct JumpTo {
  std::string chain;
  bool operator==(const JumpTo&) const = default;
};
struct RedirectTo {  // deliver to this port of this host
  std::uint16_t port = 0;
  bool operator==(const RedirectTo&) const = default;
};
struct UseZone {  // of conntrack
  std::uint16_t zone = 0;
  bool original_only = false;  // the direction of the query; replies stay in zone 0
  bool operator==(const UseZone&) const = default;
};
struct Drop {
  bool operator==(const Drop&) const = default;
};
struct Log {
  std::string prefix;
  std::uint8_t level = 7;
  bool operator==(const Log&) const = default;
};
using Action = std::variant<Return, JumpTo, RedirectTo, UseZone, Drop, Log>;

struct Rule {
  std::vector<Match> matches;  // in the order in which they are printed
  Action action;
  std::string comment;   // our words, without a prefix
  bool at_head = false;  // iptables: before the rules of others in this chain, in the order of the plan
  bool counted = false;  // nftables: with a counter; iptables rules always have one

  bool operator==(const Rule&) const = default;
};

enum class Hook : std::uint8_t { None, Prerouting, Output };

struct Chain {
  std::string name;
  Hook hook = Hook::None;  // None: reached by jumps only
  bool is_nat = false;     // nftables: base chains have a type of their own
  int priority = 0;        // nftables
  std::vector<Rule> rules;

  bool operator==(const Chain&) const = default;
};

// A table of iptables (`raw`, `nat`, `mangle`), or our one table of nftables.
struct Table {
  std::string name;
  std::vector<Chain> chains;  // of iptables, those that others use too (PREROUTING, OUTPUT) have a hook

  bool operator==(const Table&) const = default;
};

struct Plan {
  std::vector<Table> tables;  // those without rules are left out
  std::vector<std::string> warnings;
};

}  // namespace meshdns::redirect
