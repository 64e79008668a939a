// Options of the directives that answer from what the server knows itself. Plain data.
//
// `zones`: names at or below these are meant; empty: those of the server block. `fallthrough`: names at or
// below these go on to the next directive when this one has nothing; empty: none; the root: all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/domain_name.hpp>
#include <meshdns/option_location.hpp>

namespace meshdns {

// RFC 8914.
struct ExtendedError {
  std::uint16_t code = 0;
  std::string text;
};

// Answers made from the text of the name that is asked for.
struct TemplateOptions {
  std::uint16_t qclass = 1;
  std::uint16_t qtype = 255;  // 255: any
  std::vector<DomainName> zones;
  std::vector<LocatedText> match;   // RE2; the first that matches gives the groups; empty: every name
  std::vector<LocatedText> answer;  // records, with the actions of a Go template
  std::vector<LocatedText> authority;
  std::vector<LocatedText> additional;
  std::optional<std::uint16_t> rcode;  // without one there are records, and it is NOERROR
  std::optional<ExtendedError> extended_error;
  std::vector<DomainName> fallthrough;
  OptionLocation where;
};

// Names of a hosts file and of lines like its.
struct HostsOptions {
  std::string path = "/etc/hosts";
  std::vector<DomainName> zones;
  std::vector<LocatedText> lines;
  std::uint32_t ttl_seconds = 3600;
  bool reverse = true;  // answers PTR too
  bool reload = true;   // watch the file
  std::vector<DomainName> fallthrough;
  bool fallthrough_unsupported = false;  // for types other than A, AAAA and PTR, of names that it has
  OptionLocation where;
};

// Names of this host itself, before everything else in the block.
struct LocalOptions {
  bool localhost_prefix = true;  // `localhost.*` too
  OptionLocation where;
};

// What the names of class CH say (RFC 4892).
struct ChaosOptions {
  std::string version;               // empty: the program's own
  std::vector<std::string> authors;  // empty: that name is refused
  OptionLocation where;
};

// A zone of a master file (RFC 1035 5), once for each of `zones`.
struct FileOptions {
  std::string path;
  std::vector<DomainName> zones;
  bool reload = true;  // watch the file
  std::vector<DomainName> fallthrough;
  OptionLocation where;
};

}  // namespace meshdns
