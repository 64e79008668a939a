// nsid: tells clients that ask for it which server answers (RFC 5001).
#pragma once

#include <string>

#include "dns/plugin/response_filter.hpp"

namespace meshdns::plugin {

class Nsid final : public ResponseFilter {
 public:
  explicit Nsid(std::string data) : data_(std::move(data)) {}
  std::size_t after_limit(const wire::QueryView& query, std::span<std::uint8_t> buffer, std::size_t size,
                          std::size_t limit) const override;

 private:
  std::string data_;
};

}  // namespace meshdns::plugin
