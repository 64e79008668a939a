// Whatever an upstream sends, it is refused, or what is passed on is a whole message within the client's
// limit.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "dns/wire/reply_view.hpp"
#include "dns/wire/response_writer.hpp"

namespace {

using namespace meshdns::wire;

void check(bool promise) {
  if (!promise) {
    std::abort();
  }
}

// A question as a client writes it, of this size if there is one.
std::vector<std::uint8_t> question_of(std::size_t size) {
  std::size_t rest = std::clamp<std::size_t>(size, 5, kMaxNameSize + 4) - 5;
  std::vector<std::uint8_t> question;
  while (rest > 1) {
    const std::size_t label = std::min<std::size_t>(rest == 65 ? 63 : 64, rest) - 1;
    question.push_back(static_cast<std::uint8_t>(label));
    question.insert(question.end(), label, 'X');
    rest -= label + 1;
  }
  question.insert(question.end(), {0, 0, type::A, 0, klass::IN});
  return question;
}

void pass_on(const ReplyView& reply, const AskerView& asker, std::size_t limit) {
  static std::vector<std::uint8_t> out(kMaxMessageSize);
  const std::size_t size = write_forwarded(asker, reply, out, limit);
  if (size == 0) {
    check(reply.question_size != 0 && reply.question_size != asker.question.size());
    return;
  }
  check(size <= limit);
  const auto passed = parse_reply({out.data(), size});
  check(passed && passed->records_end == size);
  check(passed->has_opt() == asker.edns.present);
  check(std::ranges::equal(std::span(out).subspan(kHeaderSize, asker.question.size()), asker.question));
  check(load16(out.data()) == asker.id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reply = parse_reply({data, size});
  if (!reply) {
    return 0;
  }
  const std::vector<std::uint8_t> question = question_of(reply->question_size);
  reply_matches({data, size}, load16(data), question);
  for (const bool with_edns : {false, true}) {
    for (const std::size_t limit : {kPlainUdpLimit, kMaxMessageSize}) {
      pass_on(*reply, {.id = 0x1234, .flags = flag::RD, .edns = {.present = with_edns}, .question = question},
              limit);
    }
  }
  return 0;
}
