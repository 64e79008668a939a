// loadbalance: the A, AAAA and MX records of an answer in random order, behind its other records. Its file is
// one of those that know ldns.
#pragma once

#include <utility>
#include <vector>

#include <meshdns/ip_range.hpp>

#include "dns/plugin/response_filter.hpp"

namespace meshdns::plugin {

class Loadbalance final : public ResponseFilter {
 public:
  explicit Loadbalance(std::vector<IpRange> prefer) : prefer_(std::move(prefer)) {}
  void before_limit(const wire::QueryView& query, std::vector<std::uint8_t>& message) const override;

 private:
  std::vector<IpRange> prefer_;  // addresses in these come first, in this order
};

}  // namespace meshdns::plugin
