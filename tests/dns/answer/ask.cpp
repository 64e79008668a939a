#include "tests/dns/answer/ask.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::test {
namespace {

constexpr std::size_t kDatagramCeiling = 4096;

}  // namespace

DomainName name(std::string_view text) {
  return DomainName::parse(text).value();
}

ZoneRecord record(std::string_view owner, const std::vector<std::string>& addresses, std::uint32_t ttl,
                  std::vector<ZonePort> ports) {
  ZoneRecord made;
  made.name = name(owner);
  made.ttl_seconds = ttl;
  made.ports = std::move(ports);
  for (const std::string& text : addresses) {
    made.addresses.push_back(IpAddress::parse(text).value());
  }
  return made;
}

MeshZone mesh(const std::vector<std::string>& owns, std::vector<ZoneRecord> records) {
  MeshZone zone;
  for (const std::string& suffix : owns) {
    zone.owns.push_back(name(suffix));
  }
  zone.records = std::move(records);
  return zone;
}

answer::AnswerTable table_of(const MeshZone& zone, std::uint32_t serial, const answer::AnswerPolicy& policy) {
  return answer::compile_answers(zone, serial, policy).value();
}

std::vector<std::string> many_addresses(unsigned count, bool is_v6) {
  std::vector<std::string> made;
  for (unsigned i = 1; i <= count; ++i) {
    made.push_back(is_v6 ? fmt::format("fd00::{:x}", i) : fmt::format("240.0.{}.{}", i / 256, i % 256));
  }
  return made;
}

Asked ask(const answer::AnswerTable* table, const QuerySpec& spec, How how) {
  const Octets packet = make_query(spec);
  wire::QueryView query;
  EXPECT_EQ(wire::parse_query(packet, query), wire::QueryVerdict::Ok);
  Octets out(wire::kMaxMessageSize);
  const std::size_t limit = wire::response_limit(query.edns, how.is_tcp, kDatagramCeiling);
  wire::ResponseWriter writer(query, out, limit);
  Asked asked;
  asked.decision = answer::decide(query, table, how.rotation, writer);
  if (asked.forwarded()) {
    return asked;
  }
  const std::size_t size = writer.finish();
  EXPECT_LE(size, limit);
  auto reply = read_reply({out.data(), size});
  EXPECT_TRUE(reply) << spec.name << ' ' << spec.type;
  asked.reply = std::move(reply).value_or(Reply{});
  return asked;
}

std::string outcome(const answer::AnswerTable& table, std::string_view qname, std::string_view type) {
  const Asked asked = ask(&table, {.name = std::string(qname), .type = std::string(type)});
  if (asked.forwarded()) {
    return "FORWARD";
  }
  if (asked.reply.rcode != "NOERROR") {
    return asked.reply.rcode;
  }
  std::string types;
  for (const std::string& line : asked.reply.answer) {
    const std::size_t from = line.find(" IN ") + 4;
    types += (types.empty() ? "" : " ") + line.substr(from, line.find(' ', from) - from);
  }
  return types.empty() ? "NODATA" : types;
}

}  // namespace meshdns::test
