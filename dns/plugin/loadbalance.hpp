// loadbalance: the A, AAAA and MX records of an answer in random order, behind its other records; or one of
// its addresses in front of the others, by weight. Its file is one of those that know ldns.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <meshdns/ip_range.hpp>

#include "dns/plugin/response_filter.hpp"
#include "dns/plugin/weight_table.hpp"

namespace meshdns::plugin {

class Loadbalance final : public ResponseFilter {
 public:
  // Without `weights` the order is random.
  explicit Loadbalance(std::vector<IpRange> prefer, std::shared_ptr<const WeightTable> weights = nullptr)
      : prefer_(std::move(prefer)), weights_(std::move(weights)) {}
  void before_limit(const wire::QueryView& query, std::vector<std::uint8_t>& message) const override;

 private:
  std::vector<IpRange> prefer_;  // addresses in these come first, in this order
  std::shared_ptr<const WeightTable> weights_;
};

}  // namespace meshdns::plugin
