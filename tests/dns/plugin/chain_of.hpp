// The local sources of a block as a client meets them, made from the lines of a Corefile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meshdns/options.hpp>

#include "dns/plugin/chain.hpp"
#include "tests/support/dns_message.hpp"

namespace meshdns::test {

struct Answer {
  bool passes = false;  // nobody has anything to say
  std::string source;   // who answered
  std::string outcome;  // "NOERROR", "NXDOMAIN", ...; "NODATA" if there is no answer
  Reply reply;          // empty for an error without records
  std::string alias;    // of which the client wants the records too
};

class ChainOf {
 public:
  // The block of ZONES, `Corefile` being the file and 2 the line of the first directive. Throws what is
  // wrong.
  explicit ChainOf(const std::string& directives, const std::string& zones = ".");

  Answer ask(const QuerySpec& query, bool is_tcp = false) const;

  // Where the answer of this directive is written: "FILE:3", the path in front of the file's name left out.
  std::vector<std::string> written(std::string_view directive, const QuerySpec& query) const;

 private:
  std::shared_ptr<const plugin::Chain> chain_;
};

// What is wrong with a block, or "no fault".
std::string fault_of(const std::string& directives, const std::string& zones = ".");

}  // namespace meshdns::test
