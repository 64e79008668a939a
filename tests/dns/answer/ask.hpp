// Small meshes for tests, and questions put to them the way the server does it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/zone.hpp>

#include "dns/answer/answer_table.hpp"
#include "dns/answer/compile_answers.hpp"
#include "dns/answer/decide.hpp"
#include "tests/support/dns_message.hpp"

namespace meshdns::test {

DomainName name(std::string_view text);
ZoneRecord record(std::string_view name, const std::vector<std::string>& addresses, std::uint32_t ttl = 30,
                  std::vector<ZonePort> ports = {});
MeshZone mesh(const std::vector<std::string>& owns, std::vector<ZoneRecord> records);
answer::AnswerTable table_of(const MeshZone& zone, std::uint32_t serial = 7,
                             const answer::AnswerPolicy& policy = {});

// 240.0.0.1, 240.0.0.2, ... or fd00::1, fd00::2, ...
std::vector<std::string> many_addresses(unsigned count, bool is_v6 = false);

struct Asked {
  answer::Decision decision;
  Reply reply;  // empty if forwarded
  bool forwarded() const { return decision.verdict == answer::Verdict::Forward; }
};

struct How {
  std::uint32_t rotation = 0;
  bool is_tcp = false;
};
Asked ask(const answer::AnswerTable* table, const QuerySpec& query, How how = {});

// The type of each answer, or why there is none: "A A", "NODATA", "NXDOMAIN", "REFUSED", "FORWARD".
std::string outcome(const answer::AnswerTable& table, std::string_view name, std::string_view type = "A");

}  // namespace meshdns::test
