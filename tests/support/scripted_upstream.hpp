// ScriptedUpstream: a DNS server on loopback that does to each query what a test's script says, lies
// included.
//
// UDP and TCP on one port that the kernel picks. Runs its own thread, on which the script is called.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/address.hpp>

namespace meshdns::support {

using Bytes = std::vector<std::uint8_t>;

struct SeenQuery {
  Bytes message;
  bool is_tcp = false;
  std::uint16_t source_port = 0;
  std::string source;  // address

  std::uint16_t id() const { return static_cast<std::uint16_t>(message[0] << 8 | message[1]); }
  bool has_opt() const { return message[11] != 0; }
  std::string question() const;       // name and type: `www.example.com 1`
  std::size_t question_size() const;  // qname, type and class
};

struct Reaction {
  std::vector<Bytes> messages;  // sent in this order; none: silence
  std::chrono::milliseconds delay{0};
  std::optional<std::size_t>
      reset_after;            // TCP: the connection is reset after so many octets of the first message
  bool byte_by_byte = false;  // TCP
};

class ScriptedUpstream {
 public:
  using Script = std::function<Reaction(const SeenQuery&)>;

  explicit ScriptedUpstream(Script script, bool with_tcp = true, std::string_view address = "127.0.0.1");
  ~ScriptedUpstream();

  SocketAddress address() const;
  std::vector<SeenQuery> seen() const;      // in the order of arrival; slow answers make the server ask again
  std::set<std::string> questions() const;  // what was asked at all: `www.example.com 1`, name and type
  void follow(Script script);               // from the next query on

  // The questions by which a server finds out whether its upstreams lead back to it are answered NXDOMAIN and
  // not shown, unless a test wants to see them.
  void show_loop_probes();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A port of this host that nobody listens on, another one with each call.
SocketAddress closed_port();

// A query as a stub resolver writes it. `name` in presentation form without escapes; `opt_options` go into
// the OPT.
struct QuerySpec {
  std::string_view name = "www.example.com";
  std::uint16_t type = 1;
  std::uint16_t qclass = 1;
  std::uint16_t id = 0x1234;
  std::uint16_t flags = 0x0100;
  bool with_opt = false;
  bool dnssec_ok = false;
  Bytes opt_options = {};
};
Bytes make_query(const QuerySpec& spec);

// A reply to `query` with so many A records (10.x.y.z, numbered); `flags` are added to QR and RA, rcode
// included.
Bytes make_reply(const SeenQuery& query, std::uint16_t addresses, std::uint16_t flags = 0);

// Scripts that need no state.
Reaction answer(const SeenQuery& query);
Reaction silence(const SeenQuery& query);
ScriptedUpstream::Script fail_with(std::uint16_t rcode);
ScriptedUpstream::Script answer_after(std::chrono::milliseconds delay);

}  // namespace meshdns::support
