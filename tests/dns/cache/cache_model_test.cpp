// The cache against the slow and obvious way to do the same: it may forget, but never be wrong.
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/dns/cache/cache_fixture.hpp"

namespace meshdns::cache {
namespace {

struct Known {
  Lines answer;  // without TTL
  std::string rcode;
  std::vector<std::uint32_t> ttls;
  TimePoint stored;
  TimePoint expires;
};

class CacheModelTest : public CacheFixture {
 protected:
  std::mt19937 random{7};
  std::map<std::pair<std::string, bool>, Known> model;

  unsigned below(unsigned bound) { return static_cast<unsigned>(random() % bound); }

  QuerySpec any_question(unsigned names) {
    return {.name = "n" + std::to_string(below(names)) + ".example.org",
            .edns_size = std::uint16_t{4096},
            .dnssec_ok = below(4) == 0};
  }

  void learn_something(const QuerySpec& asked) {
    Known known{.stored = now};
    std::uint32_t lifetime = 0xFFFFFFFF;
    const auto add = [&](Octets& reply, unsigned section, const Octets& record, std::uint32_t ttl) {
      add_record(reply, section, record);
      known.ttls.push_back(ttl);
      lifetime = std::min(lifetime, ttl);
    };
    Octets reply;
    if (below(3) == 0) {
      reply = reply_to(asked, wire::rcode::NXDomain);
      known.rcode = "NXDOMAIN";
      const std::uint32_t ttl = below(20);
      add(reply, 2, soa_with(ttl + below(5), ttl), ttl);
    } else {
      reply = reply_to(asked);
      known.rcode = "NOERROR";
      for (unsigned count = 1 + below(20); count != 0; --count) {
        const std::uint32_t ttl = below(60);
        add(reply, 1, a_with_ttl(ttl, static_cast<std::uint8_t>(below(256))), ttl);
        known.answer.push_back("10.0.0." + std::to_string(reply.back()));
      }
    }
    known.expires = now + std::chrono::seconds(lifetime);
    EXPECT_TRUE(learn(asked, reply));
    model[{asked.name, asked.dnssec_ok}] = known;
  }

  // True if it is in the cache.
  bool expect_right(const QuerySpec& asked) {
    const auto reply = ask(asked);
    if (!reply) {
      return false;
    }
    const auto found = model.find({asked.name, asked.dnssec_ok});
    if (found == model.end() || now >= found->second.expires) {
      ADD_FAILURE() << asked.name << " should not be known";
      return true;
    }
    const Known& known = found->second;
    EXPECT_EQ(reply->rcode, known.rcode);
    const auto age = static_cast<std::uint32_t>((now - known.stored) / 1s);
    Lines expected;
    for (std::size_t i = 0; i < known.answer.size(); ++i) {
      expected.push_back(asked.name + ". " + std::to_string(known.ttls[i] - age) + " IN A " +
                         known.answer[i]);
    }
    EXPECT_EQ(reply->answer, expected);
    return true;
  }

  // Returns how many of the questions whose answer could be known were answered.
  double run(unsigned names, int operations) {
    int could_be_known = 0;
    int known = 0;
    for (int i = 0; i < operations && !HasFailure(); ++i) {
      const QuerySpec asked = any_question(names);
      switch (below(4)) {
        case 0:
          learn_something(asked);
          break;
        case 1:
          now += std::chrono::milliseconds(below(200));
          break;
        default:
          const auto found = model.find({asked.name, asked.dnssec_ok});
          could_be_known += found != model.end() && now < found->second.expires ? 1 : 0;
          known += expect_right(asked) ? 1 : 0;
      }
    }
    return could_be_known == 0 ? 0 : static_cast<double>(known) / could_be_known;
  }
};

TEST_F(CacheModelTest, KnowsEverythingThatFits) {
  EXPECT_EQ(run(200, 20'000), 1.0);
}

TEST_F(CacheModelTest, IsNeverWrongWhileItForgets) {
  options.octets = 96U << 10;
  use(options);
  const double ratio = run(2'000, 40'000);
  EXPECT_GT(counters.success_evictions.value(), 100U);
  EXPECT_GT(ratio, 0.2);
  EXPECT_LT(ratio, 1.0);
}

}  // namespace
}  // namespace meshdns::cache
