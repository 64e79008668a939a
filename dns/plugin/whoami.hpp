// whoami: tells a client which address, port and protocol it came from.
#pragma once

#include "dns/plugin/source.hpp"

namespace meshdns::plugin {

class Whoami final : public Source {
 public:
  Verdict answer(const wire::QueryView& query, const Client& client,
                 wire::ResponseWriter& out) const override;
  std::string_view name() const override { return "whoami"; }
};

}  // namespace meshdns::plugin
