// dns64: AAAA records made of A records (RFC 6147). Its file is one of those that know ldns.
#pragma once

#include <meshdns/rewriting_options.hpp>

#include "dns/plugin/address_synthesis.hpp"

namespace meshdns::plugin {

class Dns64 final : public AddressSynthesis {
 public:
  explicit Dns64(const Dns64Options& options) : options_(options) {}

  bool concerns(const wire::QueryView& query, const Client& client) const override;
  bool is_needed(std::span<const std::uint8_t> response) const override;
  std::vector<std::uint8_t> synthesize(std::span<const std::uint8_t> response,
                                       std::span<const std::uint8_t> ipv4_response) const override;

 private:
  Dns64Options options_;
};

}  // namespace meshdns::plugin
