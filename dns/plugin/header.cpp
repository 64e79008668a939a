#include "dns/plugin/header.hpp"

#include "dns/plugin/own_query.hpp"

namespace meshdns::plugin {
namespace {

std::uint16_t apply(const HeaderFlags& flags, std::uint16_t word) {
  return static_cast<std::uint16_t>((word | flags.set) & ~flags.clear);
}

// Whoever sends the response gives it the flags of the client's query back.
class OtherFlags final : public Rewrite {
 public:
  explicit OtherFlags(std::vector<std::uint8_t> query) : query_(std::move(query)) {}

  std::span<const std::uint8_t> query() const override { return query_; }
  std::vector<std::uint8_t> restore(std::span<const std::uint8_t> response) const override {
    return {response.begin(), response.end()};
  }

 private:
  std::vector<std::uint8_t> query_;
};

}  // namespace

std::unique_ptr<const Rewrite> QueryHeader::rewrite(const wire::QueryView& query) const {
  OwnQuestion question = same_question(query);
  question.flags = apply(flags_, query.flags);
  return question.flags == query.flags ? nullptr : std::make_unique<OtherFlags>(own_query(query, question));
}

std::size_t ResponseHeader::after_limit(const wire::QueryView& /*query*/, std::span<std::uint8_t> buffer,
                                        std::size_t size, std::size_t /*limit*/) const {
  wire::store16(&buffer[2], apply(flags_, wire::load16(&buffer[2])));
  return size;
}

}  // namespace meshdns::plugin
