// header: flags of queries on their way in, and of responses on their way out.
#pragma once

#include <meshdns/rewriting_options.hpp>

#include "dns/plugin/response_filter.hpp"
#include "dns/plugin/rewriter.hpp"

namespace meshdns::plugin {

class QueryHeader final : public Rewriter {
 public:
  explicit QueryHeader(const HeaderFlags& flags) : flags_(flags) {}
  std::unique_ptr<const Rewrite> rewrite(const wire::QueryView& query) const override;

 private:
  HeaderFlags flags_;
};

class ResponseHeader final : public ResponseFilter {
 public:
  explicit ResponseHeader(const HeaderFlags& flags) : flags_(flags) {}
  std::size_t after_limit(const wire::QueryView& query, std::span<std::uint8_t> buffer, std::size_t size,
                          std::size_t limit) const override;

 private:
  HeaderFlags flags_;
};

}  // namespace meshdns::plugin
