// Whatever an upstream sends, it is refused, or what is passed on is a whole message within the client's
// limit, also when it comes from the cache.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "dns/cache/response_cache.hpp"
#include "dns/wire/reply_view.hpp"
#include "dns/wire/response_writer.hpp"

namespace {

using namespace meshdns::wire;

void check(bool promise) {
  if (!promise) {
    std::abort();
  }
}

// The question that this reply answers; one of our own if it has none.
std::vector<std::uint8_t> question_of(const ReplyView& reply) {
  if (reply.question_size == 0) {
    return {1, 'X', 0, 0, type::A, 0, klass::IN};
  }
  const auto question = reply.message.subspan(kHeaderSize, reply.question_size);
  return {question.begin(), question.end()};
}

void pass_on(const ReplyView& reply, const AskerView& asker, std::size_t limit) {
  static std::vector<std::uint8_t> out(kMaxMessageSize);
  const std::size_t size = write_forwarded(asker, reply, out, limit);
  check(size != 0 && size <= limit);
  const auto passed = parse_reply({out.data(), size});
  check(passed && passed->records_end == size);
  check(passed->has_opt() == asker.edns.present);
  check(std::ranges::equal(std::span(out).subspan(kHeaderSize, asker.question.size()), asker.question));
  check(load16(out.data()) == asker.id);
}

// The query that this reply answers, asked of a cache that has seen the reply.
void keep(const ReplyView& reply) {
  namespace cache = meshdns::cache;
  std::vector<std::uint8_t> packet = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  const auto question = reply.message.subspan(kHeaderSize, reply.question_size);
  packet.insert(packet.end(), question.begin(), question.end());
  QueryView query;
  if (parse_query(packet, query) != QueryVerdict::Ok) {
    return;
  }
  cache::CacheCounters counters;
  meshdns::CacheOptions options;
  options.octets = 1U << 20;
  cache::ResponseCache kept(options, 1, counters);
  const auto key = cache::CacheKey::of(query);
  kept.learn(key, reply, cache::TimePoint());
  const cache::Hit hit = kept.find(key, cache::TimePoint());
  if (hit.verdict == cache::Verdict::Miss) {
    return;
  }
  static std::vector<std::uint8_t> out(kMaxMessageSize);
  for (const std::size_t limit : {kPlainUdpLimit, kMaxMessageSize}) {
    ResponseWriter writer(query, out, limit);
    const std::size_t size =
        kept.write(hit, writer)
            ? writer.finish()
            : kept.write(hit, {.id = 0x1234, .flags = flag::RD, .edns = {}, .question = query.question()},
                         out, limit);
    check(size <= limit);
    const auto told = parse_reply({out.data(), size});
    check(told && told->records_end == size && !told->has_opt());
    check(std::ranges::equal(std::span(out).subspan(kHeaderSize, question.size()), question));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reply = parse_reply({data, size});
  if (!reply) {
    return 0;
  }
  keep(*reply);
  const std::vector<std::uint8_t> question = question_of(*reply);
  reply_matches({data, size}, load16(data), question);
  for (const bool with_edns : {false, true}) {
    for (const std::size_t limit : {kPlainUdpLimit, kMaxMessageSize}) {
      pass_on(*reply, {.id = 0x1234, .flags = flag::RD, .edns = {.present = with_edns}, .question = question},
              limit);
    }
  }
  return 0;
}
