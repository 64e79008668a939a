// A cache, the time it lives in, and clients that ask it.
#pragma once

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "dns/cache/response_cache.hpp"
#include "tests/dns/wire/octets.hpp"
#include "tests/support/dns_message.hpp"

namespace meshdns::cache {

using namespace meshdns::test;
using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// A record owned by the name in question.
Octets a_with_ttl(std::uint32_t ttl, std::uint8_t last_octet = 1);

// Owned by `owner` (wire form); `minimum` is what a denial may live.
Octets soa_with(std::uint32_t ttl, std::uint32_t minimum, Octets owner = {0xC0, 12});

Octets wire_name(const std::string& name);

class CacheFixture : public testing::Test {
 protected:
  // A reply to this question, without records.
  static Octets reply_to(const QuerySpec& spec, std::uint16_t rcode = 0, std::uint16_t flags = 0);

  bool learn(const QuerySpec& spec, const Octets& reply);
  bool learn_failure(const QuerySpec& spec);

  // One address with this TTL.
  void learn_address(const std::string& name, std::uint32_t ttl = 300, std::uint8_t last_octet = 1);

  Hit find(const QuerySpec& spec);
  bool has(const std::string& name) { return find({.name = name}).verdict != Verdict::Miss; }

  // What a client is told by what find() gives; nothing on a miss.
  std::optional<Reply> ask(const QuerySpec& spec);

  void use(const CacheOptions& changed) {
    options = changed;
    cache.emplace(options, 1, counters);
  }

  CacheOptions options;
  CacheCounters counters;
  std::optional<ResponseCache> cache{std::in_place, options, 1, counters};
  TimePoint now{24h};

 private:
  // The view points into `packet_`.
  const wire::QueryView& parse(const QuerySpec& spec);

  Octets packet_;
  wire::QueryView query_;
};

}  // namespace meshdns::cache
