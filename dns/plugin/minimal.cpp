#include "dns/plugin/minimal.hpp"

#include "dns/wire/reply_view.hpp"

namespace meshdns::plugin {

void Minimal::before_limit(const wire::QueryView& /*query*/, std::vector<std::uint8_t>& message) const {
  const auto reply = wire::parse_reply(message);
  const unsigned answers = reply ? wire::load16(&message[6]) : 0;
  if (answers == 0 || reply->extended_rcode != wire::rcode::NoError) {
    return;
  }
  std::size_t end = wire::kHeaderSize + reply->question_size;
  for (unsigned i = 0; i < answers; ++i) {
    end = wire::skip_name(message, end);
    end += 10U + wire::load16(&message[end + 8]);
  }
  // The OPT owns no name, so it can be moved.
  const std::vector<std::uint8_t> opt(
      message.begin() + static_cast<std::ptrdiff_t>(reply->opt_offset),
      message.begin() + static_cast<std::ptrdiff_t>(reply->opt_offset + reply->opt_size));
  message.resize(end);
  wire::store16(&message[8], 0);
  wire::store16(&message[10], opt.empty() ? 0 : 1);
  message.insert(message.end(), opt.begin(), opt.end());
}

}  // namespace meshdns::plugin
