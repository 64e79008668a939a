// chaos: what the names of class CH say (RFC 4892). The server answers them anyway; this says something else.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <meshdns/answer_options.hpp>

#include "dns/plugin/source.hpp"

namespace meshdns::plugin {

class Chaos final : public Source {
 public:
  explicit Chaos(ChaosOptions options) : options_(std::move(options)) {}

  Verdict answer(const wire::QueryView& query, const Client& client,
                 wire::ResponseWriter& out) const override;
  std::string_view name() const override { return "chaos"; }

 private:
  ChaosOptions options_;
};

}  // namespace meshdns::plugin
