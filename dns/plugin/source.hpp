// Source: a directive that answers queries from what it knows itself, without asking anybody.
//
// Immutable once made, so that all workers share it. It may allocate; a query that the mesh zone answers does
// not come here unless the directive stands before the mesh (Chain).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/address.hpp>
#include <meshdns/domain_name.hpp>
#include <meshdns/option_location.hpp>

#include "dns/plugin/tally.hpp"
#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::plugin {

struct Client {
  SocketAddress address;
  bool is_tcp = false;
};

struct Verdict {
  enum class Kind : std::uint8_t {
    Pass,      // not ours: the next one is asked; the writer is untouched
    Answered,  // the writer holds the response
    Error,     // the response is `rcode` alone
    Drop,      // there is no response
  };

  Kind kind = Kind::Pass;
  std::uint16_t rcode = 0;
  // Answered: the response ends in a CNAME to this name, of which the client wants records too.
  std::optional<DomainName> alias;
  std::string error;  // Error: why, for `errors`; empty: nothing went wrong
  // What metrics count of it: indices into Source::tallies().
  std::optional<std::size_t> tally;
  std::optional<std::size_t> failure;
};

// Where an answer is written.
struct Written {
  std::vector<OptionLocation> lines;                          // line 0: the file as a whole
  std::optional<std::chrono::system_clock::time_point> read;  // when that file was
};

class Source {
 public:
  virtual ~Source() = default;

  virtual Verdict answer(const wire::QueryView& query, const Client& client,
                         wire::ResponseWriter& out) const = 0;

  // The directive, as metrics and messages name it.
  virtual std::string_view name() const = 0;

  // For explanations: of its answer to this query, where it knows.
  virtual Written written(const wire::QueryView& /*query*/) const { return {}; }

  // What it counts; the list is always the same.
  virtual std::vector<Tally> tallies() const { return {}; }
};

}  // namespace meshdns::plugin
