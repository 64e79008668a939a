#include "bench/dns/support/sample.hpp"

#include <random>

#include <meshdns/zone.hpp>

#include "dns/answer/compile_answers.hpp"
#include "dns/answer/decide.hpp"
#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::bench {

std::string name_of(std::size_t i, std::string_view zone) {
  return "service-" + std::to_string(i) + ".namespace." + std::string(zone);
}

Octets query_for(const std::string& name) {
  const DomainName parsed = *DomainName::parse(name);
  Octets query = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1};
  query.insert(query.end(), parsed.wire().begin(), parsed.wire().end());
  for (const int octet : {0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0}) {
    query.push_back(static_cast<std::uint8_t>(octet));
  }
  return query;
}

std::vector<Octets> queries(std::size_t names, std::string_view zone, std::string_view prefix) {
  std::mt19937_64 random(1);
  std::vector<Octets> made;
  for (int i = 0; i < 65536; ++i) {
    made.push_back(query_for(std::string(prefix) + name_of(random() % names, zone)));
  }
  return made;
}

answer::AnswerTable mesh_of(std::size_t names) {
  MeshZone zone;
  zone.owns.push_back(*DomainName::parse("mesh"));
  zone.records.resize(names);
  for (std::size_t i = 0; i < names; ++i) {
    zone.records[i].name = *DomainName::parse(name_of(i, "mesh"));
    IpAddress address;
    wire::store32(address.octets.data(), 0xF0000000U + static_cast<std::uint32_t>(i));
    zone.records[i].addresses.push_back(address);
  }
  return *answer::compile_answers(zone, 1);
}

std::size_t answer_locally(const Octets& packet, const answer::AnswerTable& mesh, std::uint32_t rotation,
                           Octets& out) {
  wire::QueryView query;
  wire::parse_query(packet, query);
  wire::ResponseWriter writer(query, out, wire::response_limit(query.edns, false, out.size()));
  answer::decide(query, &mesh, rotation, writer);
  return writer.finish();
}

}  // namespace meshdns::bench
