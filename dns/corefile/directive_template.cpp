// Answers made from the text of the name: template.
#include <charconv>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/zone_key.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::corefile {
namespace {

TemplateOptions& last(BlockDraft& draft) {
  return draft.options.plugins.templates.back();
}

Result<void> apply_template(const Statement& statement, BlockDraft& draft) {
  const auto qclass = wire::class_from_text(statement.words[1].text);
  if (!qclass) {
    return parse_error(statement.words[1], "invalid query class " + statement.words[1].text);
  }
  const auto qtype = wire::type_from_text(statement.words[2].text);
  if (!qtype) {
    return parse_error(statement.words[2], "invalid RR class " + statement.words[2].text);
  }
  auto zones = parse_zones(statement.words, 3);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  TemplateOptions options;
  options.qclass = *qclass;
  options.qtype = *qtype;
  options.zones = *std::move(zones);
  options.where = location_of(statement.words.front());
  draft.options.plugins.templates.push_back(std::move(options));
  return {};
}

Result<void> take_texts(const Statement& statement, std::vector<LocatedText>& texts) {
  for (std::size_t i = 1; i < statement.words.size(); ++i) {
    texts.push_back({statement.words[i].text, location_of(statement.words[i])});
  }
  return {};
}

Result<void> apply_match(const Statement& statement, BlockDraft& draft) {
  return take_texts(statement, last(draft).match);
}

Result<void> apply_answer(const Statement& statement, BlockDraft& draft) {
  return take_texts(statement, last(draft).answer);
}

Result<void> apply_authority(const Statement& statement, BlockDraft& draft) {
  return take_texts(statement, last(draft).authority);
}

Result<void> apply_additional(const Statement& statement, BlockDraft& draft) {
  return take_texts(statement, last(draft).additional);
}

Result<void> apply_rcode(const Statement& statement, BlockDraft& draft) {
  const auto rcode = wire::rcode_from_text(statement.words[1].text);
  if (!rcode) {
    return parse_error(statement.words[1], "unknown rcode " + statement.words[1].text);
  }
  last(draft).rcode = rcode;
  return {};
}

Result<void> apply_ederror(const Statement& statement, BlockDraft& draft) {
  const std::string& code = statement.words[1].text;
  ExtendedError error;
  const auto [end, failed] = std::from_chars(code.data(), code.data() + code.size(), error.code);
  if (failed != std::errc() || end != code.data() + code.size()) {
    return parse_error(statement.words[1],
                       fmt::format("error parsing extended DNS error code {}, expected 0..65535", code));
  }
  if (statement.argument_count() == 2) {
    error.text = statement.words[2].text;
  }
  last(draft).extended_error = std::move(error);
  return {};
}

Result<void> apply_fallthrough(const Statement& statement, BlockDraft& draft) {
  auto zones = parse_fallthrough(statement.words);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  last(draft).fallthrough = *std::move(zones);
  return {};
}

constexpr Option kTemplateOptions[] = {
    {"match",
     {"REGEX...", 1},
     "every name",
     "Regular expressions (RE2) for the name in lower case with its final dot. They match anywhere in it, "
     "unless `^` and `$` say otherwise. Of several the first that matches gives `.Match` and `.Group`. At "
     "most 10000 characters and 31 groups each.",
     apply_match},
    {"answer",
     {"RECORD...", 1},
     "none",
     "Records of the answer, each one word in quotes: `\"{{ .Name }} 60 IN A 10.0.0.1\"`. One without a TTL "
     "has 3600. If the last one is a CNAME and A or AAAA is asked for, the records of its target are looked "
     "up by this server and added.",
     apply_answer},
    {"additional", {"RECORD...", 1}, "none", "Records of the additional section.", apply_additional},
    {"authority",
     {"RECORD...", 1},
     "a SOA if the answer is negative",
     "Records of the authority section. Unlike CoreDNS, an answer without records (or with NXDOMAIN) has a "
     "SOA of the zone if none is given here, so that clients can cache it, for 5 seconds.",
     apply_authority},
    {"rcode",
     {"RCODE", 1, 1},
     "NOERROR",
     "The code of the response. SERVFAIL comes without any records.",
     apply_rcode},
    {"ederror",
     {"CODE [TEXT]", 1, 2},
     "none",
     "An Extended DNS Error (RFC 8914), for clients that use EDNS.",
     apply_ederror},
    {"fallthrough",
     {"[ZONE...]"},
     "no zone",
     "Names in these zones (in all, without ZONE) that no `match` fits go on to the next template, and then "
     "to "
     "the next directive. Others get SERVFAIL.",
     apply_fallthrough},
};

}  // namespace

const Directive kTemplate = {
    "template",
    {"CLASS TYPE [ZONE...]", 2},
    true,
    "Answers queries of CLASS and TYPE (`ANY`: of all) in the zones (those of the block, without ZONE) with "
    "records that are made from the name. Of several lines the first that fits answers. Names of the mesh "
    "are answered by the mesh, and class CH is never asked here. Records may have actions of Go's templates: "
    "`{{ .Name }}`, `.Zone`, `.Class`, `.Type`, `.Remote` (the client's address), `{{ .Group.x }}`, `{{ "
    "index "
    ".Group \"x\" }}`, `{{ index .Match 1 }}`, `{{ parseInt .Group.x 16 8 }}`, and `if`, `eq`, `ne`, `and`, "
    "`or`, `not`, `len`, `printf`. Everything else (`.Message`, `.Question`, `.Meta`, `range`, variables, "
    "...) is refused when the file is read. So are a group that no `match` has, and a record without actions "
    "that is none; one that its actions spoil fails the query with SERVFAIL.",
    kTemplateOptions,
    apply_template,
};

}  // namespace meshdns::corefile
