// KeptQuery: an UpstreamQuery in little room, because thousands may be in flight and most names are short.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <boost/container/small_vector.hpp>

#include "dns/wire/upstream_query.hpp"

namespace meshdns::forward {

class KeptQuery {
 public:
  explicit KeptQuery(const wire::UpstreamQuery& query)
      : octets_(query.message().begin(), query.message().end()), question_size_(query.question_size) {}

  std::span<const std::uint8_t> message() const { return octets_; }
  wire::UpstreamQuery get() const {
    wire::UpstreamQuery query;
    std::ranges::copy(octets_, query.bytes.begin());
    query.size = octets_.size();
    query.question_size = question_size_;
    return query;
  }

 private:
  boost::container::small_vector<std::uint8_t, 80> octets_;
  std::size_t question_size_;
};

}  // namespace meshdns::forward
