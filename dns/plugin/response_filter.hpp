// ResponseFilter: a directive that changes responses, whoever made them.
//
// Immutable once made, so that all workers share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/wire/query_view.hpp"

namespace meshdns::plugin {

class ResponseFilter {
 public:
  virtual ~ResponseFilter() = default;

  // Before the response is cut to what the client takes. `message` is whole, and its question is the
  // client's.
  virtual void before_limit(const wire::QueryView& /*query*/, std::vector<std::uint8_t>& /*message*/) const {}

  // When nothing else happens to it any more. The message has `size` octets of `buffer`; returns its new
  // size, which is at most `limit`.
  virtual std::size_t after_limit(const wire::QueryView& /*query*/, std::span<std::uint8_t> /*buffer*/,
                                  std::size_t size, std::size_t /*limit*/) const {
    return size;
  }
};

}  // namespace meshdns::plugin
