// Explanation: who would answer a query, and why, as plain values: for `meshdns explain` and for /explain.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>
#include <meshdns/option_location.hpp>
#include <meshdns/zone.hpp>

namespace meshdns::inspect {

struct ExplainedRecord {
  const MeshZone* zone = nullptr;  // that it is one of; lives as long as what was explained
  const ZoneRecord* record = nullptr;
};

// What `rewrite` makes of the question, and the block that takes it then.
struct ExplainedRewrite {
  std::string question;  // "a.mesh. A"; empty: the same
  OptionLocation block;  // empty file: the same
};

// A query comes to some addresses, and one block takes it there.
struct Explanation {
  std::vector<SocketAddress> asked_at;  // as configured
  std::size_t block = 0;                // in ServerOptions::blocks, before any rewriting
  OptionLocation written;               // that block
  std::size_t last_block = 0;           // after all rewriting
  bool is_taken = true;                 // false: no block takes the query
  std::vector<ExplainedRewrite> rewrites;

  std::string answer;                    // "NXDOMAIN, 0 records, from the mesh zone"
  std::string directive;                 // whose answer it is: "mesh", "hosts", "forward"; empty: nobody's
  std::string alias;                     // the answer goes on with what this server says of it
  std::vector<ExplainedRecord> records;  // of the mesh zone
  std::vector<OptionLocation> sources;   // lines that another directive answers from; line 0: the whole file
  std::optional<std::chrono::system_clock::time_point> sources_read;  // that file was
  std::vector<SocketAddress> upstreams;  // that are asked, in their order in the file
  OptionLocation forward;                // the line that names them
  DomainName asked;                      // what they are asked, unless it is in the cache
  std::uint16_t asked_type = 0;
  std::string because;
  std::vector<std::string> conflicts;  // of the name with others
  std::vector<std::string> but;        // what may make all of this untrue
};

}  // namespace meshdns::inspect
