#include "dns/inspect/cached_json.hpp"

#include <string_view>

#include <boost/json/array.hpp>

#include "dns/inspect/request.hpp"
#include "dns/wire/presentation.hpp"
#include "dns/wire/record_text.hpp"

namespace meshdns::inspect {

namespace json = boost::json;

namespace {

std::string_view kind_text(cache::Kind kind) {
  switch (kind) {
    case cache::Kind::Success:
      return "success";
    case cache::Kind::Denial:
      return "denial";
    case cache::Kind::Failure:
      return "failure";
  }
  return "";
}

std::string_view state_text(const cache::KeptReply& reply) {
  if (reply.left.count() >= 0) {
    return "fresh";
  }
  return reply.is_usable_stale ? "stale" : "over";
}

}  // namespace

json::object cached_json(const CachedReply& cached) {
  const cache::KeptReply& reply = cached.reply;
  json::array records;
  for (const wire::RecordText& record : wire::record_texts(reply.message)) {
    records.push_back(json::object{{"section", record.section},
                                   {"name", record.name},
                                   {"ttl", record.ttl},
                                   {"type", record.type},
                                   {"data", record.data}});
  }
  return {{"type", wire::type_text(cached.type)},
          {"dnssecOk", reply.dnssec_ok},
          {"checkingDisabled", reply.checking_disabled},
          {"kind", kind_text(reply.kind)},
          {"rcode", wire::rcode_text(reply.rcode)},
          {"authentic", reply.is_authentic},
          {"state", state_text(reply)},
          {"ageSeconds", reply.age.count()},
          {"leftSeconds", reply.left.count()},
          {"records", std::move(records)},
          {"block", place_text(cached.written)},
          {"worker", cached.worker}};
}

}  // namespace meshdns::inspect
