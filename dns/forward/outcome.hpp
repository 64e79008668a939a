// Outcome: how a question ended. Valid during the call that it is passed to only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dns/wire/message.hpp"
#include "dns/wire/reply_view.hpp"

namespace meshdns::forward {

struct Outcome {
  std::optional<wire::ReplyView> reply;
  std::string_view error;                       // why it is empty: "read udp 10.0.0.2:53: i/o timeout"
  std::uint16_t rcode = wire::rcode::ServFail;  // what to answer when it is empty: this or REFUSED
  std::uint64_t question = 0;                   // the same for all who asked together; 0: nobody was asked

  std::uint16_t code() const { return reply ? reply->extended_rcode : rcode; }
};

}  // namespace meshdns::forward
