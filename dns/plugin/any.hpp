// any: a minimal answer to queries of type ANY (RFC 8482 4.2), so that no client takes one for a list of all
// there is.
#pragma once

#include "dns/plugin/source.hpp"

namespace meshdns::plugin {

class Any final : public Source {
 public:
  Verdict answer(const wire::QueryView& query, const Client& client,
                 wire::ResponseWriter& out) const override;
  std::string_view name() const override { return "any"; }
};

}  // namespace meshdns::plugin
