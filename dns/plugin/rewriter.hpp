// Rewriter: a directive that asks something else than the client did, and makes the response look as if it
// had not.
//
// Immutable once made, so that all workers share it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dns/wire/query_view.hpp"

namespace meshdns::plugin {

// One query that was rewritten.
class Rewrite {
 public:
  virtual ~Rewrite() = default;

  // What is asked instead: a whole query. Empty: it cannot be written, and the client gets SERVFAIL.
  virtual std::span<const std::uint8_t> query() const = 0;

  // The response to it as one to the client's query, whose question it gets back. Empty: it cannot be made,
  // and the client gets SERVFAIL.
  virtual std::vector<std::uint8_t> restore(std::span<const std::uint8_t> response) const = 0;
};

class Rewriter {
 public:
  virtual ~Rewriter() = default;

  // Null: the query stays as it is.
  virtual std::unique_ptr<const Rewrite> rewrite(const wire::QueryView& query) const = 0;
};

}  // namespace meshdns::plugin
