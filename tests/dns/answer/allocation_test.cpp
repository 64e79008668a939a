// A query that is answered here costs no allocation.
#include <array>

#include <gtest/gtest.h>

#include "dns/answer/decide.hpp"
#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"
#include "tests/dns/answer/ask.hpp"
#include "tests/dns/answer/counting_new.hpp"

namespace meshdns::answer {
namespace {

using namespace meshdns::test;

TEST(LocalAnswer, AllocatesNothing) {
  const AnswerTable table =
      table_of(mesh({"mesh"}, {record("backend.mesh", many_addresses(150), 30, {{80, "http", "tcp"}}),
                               record("*.w.mesh", {"fd00::1"}), record("api.example.com", {"240.0.0.1"})}));
  std::vector<Octets> packets;
  for (const char* type : {"A", "AAAA", "TXT", "ANY", "SOA", "SRV", "PTR", "HTTPS", "AXFR"}) {
    for (const char* qname : {"BackEnd.mesh", "mesh", "a.b.w.mesh", "missing.mesh", "api.example.com",
                              "example.org", "_http._tcp.backend.mesh", "1.0.0.240.in-addr.arpa"}) {
      packets.push_back(make_query({.name = qname, .type = type}));
      packets.push_back(make_query({.name = qname, .type = type, .edns_size = 1232}));
      packets.push_back(make_query({.name = qname, .type = type, .edns_size = 1232, .edns_version = 1}));
    }
  }
  packets.push_back(make_query({.name = "version.bind", .type = "TXT", .qclass = 3}));

  ASSERT_GT(allocations(), 0U) << "nobody counts";

  std::array<std::uint8_t, 4096> out;
  std::size_t octets = 0;
  const std::size_t before = allocations();
  for (const Octets& packet : packets) {
    wire::QueryView query;
    if (wire::parse_query(packet, query) != wire::QueryVerdict::Ok) {
      octets += wire::write_error(query, wire::rcode::FormErr, out, true);
      continue;
    }
    wire::ResponseWriter writer(query, out, wire::response_limit(query.edns, false, out.size()));
    if (decide(query, &table, 1, writer).verdict == Verdict::Answered) {
      octets += writer.finish();
    }
  }
  EXPECT_EQ(allocations() - before, 0U);
  EXPECT_GT(octets, 0U);
}

}  // namespace
}  // namespace meshdns::answer
