// minimal: positive answers without authority and additional section, which clients can do without.
#pragma once

#include "dns/plugin/response_filter.hpp"

namespace meshdns::plugin {

class Minimal final : public ResponseFilter {
 public:
  void before_limit(const wire::QueryView& query, std::vector<std::uint8_t>& message) const override;
};

}  // namespace meshdns::plugin
