// Whatever the datagram, it is dropped, forwarded, or answered with a response that ldns reads and that fits
// the client.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>

#include <meshdns/zone.hpp>

#include "dns/answer/compile_answers.hpp"
#include "dns/answer/decide.hpp"
#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"
#include "dns/wire/update_view.hpp"
#include "dns/wire/upstream_query.hpp"
#include "tests/support/dns_message.hpp"

namespace {

using namespace meshdns;

void check(bool promise) {
  if (!promise) {
    std::abort();
  }
}

answer::AnswerTable make_table(bool is_alias) {
  MeshZone zone;
  for (const char* suffix : {"mesh", "e.mesh", "240.in-addr.arpa"}) {
    zone.owns.push_back(DomainName::parse(suffix).value());
  }
  for (const char* name : {"a.mesh", "*.w.mesh", "x.y.z.mesh", "b.com", "*.c.com", "mesh"}) {
    ZoneRecord record;
    record.name = DomainName::parse(name).value();
    record.ports = {{80, "h", "tcp"}, {81, "h", "tcp"}};
    for (int i = 1; i <= 100; ++i) {
      record.addresses.push_back(IpAddress::parse("240.0.0." + std::to_string(i)).value());
      record.addresses.push_back(IpAddress::parse("fd00::" + std::to_string(i)).value());
    }
    zone.records.push_back(std::move(record));
  }
  const answer::SearchPolicy search{is_alias,
                                    {DomainName::parse("e").value(), DomainName::parse("a.com").value()}};
  return answer::compile_answers(zone, 1, {.ent_nxdomain = is_alias, .search = search}).value();
}

void check_response(const wire::QueryView& query, std::span<const std::uint8_t> response, std::size_t limit) {
  check(response.size() <= limit);
  const auto reply = test::read_reply(response);
  check(reply && reply->qr && reply->id == query.id);
  check(!reply->has_opt || query.edns.present);
}

void answer_over(const wire::QueryView& query, bool is_tcp) {
  static const std::array tables{make_table(false), make_table(true)};
  const answer::AnswerTable& table = tables[query.id % 2];
  static test::Octets out(wire::kMaxMessageSize);
  const std::size_t limit = wire::response_limit(query.edns, is_tcp, wire::kMaxUdpQuery);
  wire::ResponseWriter writer(query, out, limit);
  if (answer::decide(query, &table, query.id, writer).verdict == answer::Verdict::Forward) {
    const auto upstream = wire::make_upstream_query(query, 1);
    check(test::read_reply(upstream.message()).has_value());
    return;
  }
  check_response(query, {out.data(), writer.finish()}, limit);
}

// Its owners are names, and there are no more of them than octets.
void walk_update(wire::QueryView& update) {
  if (!wire::parse_update(update)) {
    return;
  }
  wire::UpdateOwners owners(update);
  std::size_t count = 0;
  for (auto owner = owners.next(); !owner.empty(); owner = owners.next()) {
    check(DomainName::parse(DomainName::from_wire(owner).to_string()) == DomainName::from_wire(owner));
    check(++count <= update.packet.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wire::QueryView query;
  const wire::QueryVerdict verdict = wire::parse_query({data, size}, query);
  if (verdict == wire::QueryVerdict::Drop) {
    return 0;
  }
  if (verdict == wire::QueryVerdict::Ok) {
    answer_over(query, false);
    answer_over(query, true);
    return 0;
  }
  if (verdict == wire::QueryVerdict::NotImp) {
    walk_update(query);
  }
  std::uint8_t out[wire::ResponseWriter::kMinResponse];
  const bool header_only = verdict == wire::QueryVerdict::NotImp || !query.has_question();
  const auto code = verdict == wire::QueryVerdict::BadVers ? wire::rcode::BadVers : wire::rcode::FormErr;
  check_response(query, {out, wire::write_error(query, code, out, header_only)}, sizeof out);
  return 0;
}
