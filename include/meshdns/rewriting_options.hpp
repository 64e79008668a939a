// Options of the directives that change queries on their way in, or responses on their way out. Plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <meshdns/domain_name.hpp>
#include <meshdns/ip_range.hpp>
#include <meshdns/option_location.hpp>

namespace meshdns {

// Which clients get answers to what.
struct AclRule {
  enum class Action : std::uint8_t {
    Allow,
    Block,   // REFUSED
    Filter,  // NOERROR without records
    Drop,    // no response
  };

  Action action = Action::Allow;
  std::vector<std::uint16_t> types;  // empty: all
  std::vector<IpRange> nets;         // of clients; empty: all
};

struct AclOptions {
  std::vector<DomainName> zones;  // of names at or below these; empty: the zones of the server block
  std::vector<AclRule> rules;     // the first that fits decides; none: allowed
  OptionLocation where;
};

// AAAA records made of A records (RFC 6147).
struct Dns64Options {
  IpRange prefix;              // IPv6, of 32, 40, 48, 56, 64 or 96 bits (RFC 6052 2.2)
  bool translate_all = false;  // also of names that have AAAA records
  bool allow_ipv4 = false;     // for clients that ask over IPv4, too
};

// Addresses of one family that clients are not told of, if upstreams have them.
struct FilterOptions {
  std::uint16_t qtype = 28;  // AAAA, or A (1)
  bool unless_only = false;  // not of names that have no address of the other family
  OptionLocation where;
};

// Bits of the second header word (RFC 1035 4.1.1).
struct HeaderFlags {
  std::uint16_t set = 0;
  std::uint16_t clear = 0;
};

struct HeaderOptions {
  HeaderFlags query;     // as it is asked further
  HeaderFlags response;  // as the client gets it
};

struct LoadbalanceOptions {
  std::string weights;          // path of a file that says how often which address comes first; empty: none
  bool reload = true;           // watch the file
  std::vector<IpRange> prefer;  // addresses in these come first, in this order
};

// A test of a name as text: in lower case, with final dot.
struct NameMatch {
  enum class Kind : std::uint8_t { Exact, Prefix, Suffix, Substring, Regex };

  Kind kind = Kind::Exact;
  std::string text;  // Regex: RE2, not anchored
};

// Asks something else than the client did, or changes the response to it.
struct RewriteOptions {
  enum class Subject : std::uint8_t { Name, Type, Class, Ttl, Rcode };

  // A name of a response as text, where `pattern` matches; `{1}` in `replacement` is its first group.
  struct Answer {
    bool is_value = false;  // names in the data of records; false: their owners
    std::string pattern;
    std::string replacement;
  };

  Subject subject = Subject::Name;
  bool continues = false;  // with the rules behind it, when it has done something
  NameMatch match;         // Name, Ttl, Rcode
  std::string name;        // Name: instead of what was matched
  bool answer_auto = false;
  std::vector<Answer> answers;
  std::uint32_t from = 0;  // Type, Class, Rcode: what is replaced; Ttl: the least
  std::uint32_t to = 0;    // Type, Class, Rcode: by what; Ttl: the most
  OptionLocation where;
};

}  // namespace meshdns
