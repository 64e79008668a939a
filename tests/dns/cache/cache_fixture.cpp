#include "tests/dns/cache/cache_fixture.hpp"

#include <array>

#include <meshdns/domain_name.hpp>

namespace meshdns::cache {

Octets a_with_ttl(std::uint32_t ttl, std::uint8_t last_octet) {
  return record(wire::type::A, Octets{10, 0, 0, last_octet}, {0xC0, 12}, ttl);
}

Octets soa_with(std::uint32_t ttl, std::uint32_t minimum, Octets owner) {
  Octets rdata = {0, 0};
  for (const std::uint32_t number : {1U, 3600U, 1200U, 604800U, minimum}) {
    append32(rdata, number);
  }
  return record(wire::type::SOA, rdata, std::move(owner), ttl);
}

Octets wire_name(const std::string& name) {
  const DomainName parsed = DomainName::parse(name).value();
  return {parsed.wire().begin(), parsed.wire().end()};
}

Octets CacheFixture::reply_to(const QuerySpec& spec, std::uint16_t rcode, std::uint16_t flags) {
  QuerySpec reply = spec;
  reply.edns_size.reset();
  reply.flags = static_cast<std::uint16_t>(0x8180 | rcode | flags);
  return make_query(reply);
}

const wire::QueryView& CacheFixture::parse(const QuerySpec& spec) {
  packet_ = make_query(spec);
  EXPECT_EQ(wire::parse_query(packet_, query_), wire::QueryVerdict::Ok);
  return query_;
}

bool CacheFixture::learn(const QuerySpec& spec, const Octets& reply) {
  const auto view = wire::parse_reply(reply);
  EXPECT_TRUE(view) << "the test's reply is broken";
  return view && cache->learn(CacheKey::of(parse(spec)), *view, now);
}

bool CacheFixture::learn_failure(const QuerySpec& spec) {
  return cache->learn_failure(CacheKey::of(parse(spec)), wire::rcode::ServFail, now);
}

void CacheFixture::learn_address(const std::string& name, std::uint32_t ttl, std::uint8_t last_octet) {
  Octets reply = reply_to({.name = name});
  add_record(reply, 1, a_with_ttl(ttl, last_octet));
  EXPECT_TRUE(learn({.name = name}, reply));
}

Hit CacheFixture::find(const QuerySpec& spec) {
  return cache->find(CacheKey::of(parse(spec)), now);
}

std::optional<Reply> CacheFixture::ask(const QuerySpec& spec) {
  const Hit hit = find(spec);
  if (hit.verdict == Verdict::Miss) {
    return std::nullopt;
  }
  Octets out(4096);
  const std::size_t limit = wire::response_limit(query_.edns, false, out.size());
  wire::ResponseWriter writer(query_, out, limit);
  std::size_t size = 0;
  if (cache->write(hit, writer)) {
    size = writer.finish();
  } else {
    const wire::AskerView asker{query_.id, query_.flags, query_.edns, query_.question()};
    size = cache->write(hit, asker, out, limit);
  }
  EXPECT_LE(size, limit);
  const auto reply = read_reply({out.data(), size});
  EXPECT_TRUE(reply) << "no message";
  return reply;
}

}  // namespace meshdns::cache
