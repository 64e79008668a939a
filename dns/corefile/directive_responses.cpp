// What responses look like, whoever made them: nsid, bufsize, loadbalance, header, minimal.
#include <array>
#include <charconv>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/duration.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/lower_case.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::size_t kMinBufsize = wire::kPlainUdpLimit;
constexpr std::size_t kMaxBufsize = wire::kMaxUdpQuery;
constexpr std::size_t kMaxNsid = 255;  // octets; CoreDNS has no limit, and a response not always room

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

Result<void> apply_nsid(const Statement& statement, BlockDraft& draft) {
  std::string data;
  for (std::size_t i = 1; i < statement.words.size(); ++i) {
    data += (i == 1 ? "" : " ") + statement.words[i].text;
  }
  if (data.size() > kMaxNsid) {
    return parse_error(statement.words.back(),
                       fmt::format("{} octets of data, expected at most {}", data.size(), kMaxNsid));
  }
  draft.options.plugins.nsid = data.empty() ? host_name() : data;
  return {};
}

Result<void> apply_bufsize(const Statement& statement, BlockDraft& draft) {
  std::size_t size = wire::kOwnUdpPayload;
  if (statement.argument_count() == 1) {
    const std::string& word = statement.words[1].text;
    const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), size);
    if (failed != std::errc() || end != word.data() + word.size() || size < kMinBufsize ||
        size > kMaxBufsize) {
      return argument_error(statement.words[1]);
    }
  }
  draft.options.plugins.bufsize = size;
  return {};
}

LoadbalanceOptions& loadbalance_of(BlockDraft& draft) {
  return *draft.options.plugins.loadbalance;
}

Result<void> apply_weighted(const Statement& statement, BlockDraft& draft) {
  if (statement.argument_count() == 1) {
    return parse_error(statement.words[1], "missing weight file argument");
  }
  if (statement.argument_count() > 2) {
    return parse_error(statement.words[3], "unexpected argument(s)");
  }
  if (statement.words[2].text.empty()) {
    return parse_error(statement.words[2], "empty path, expected a weight file");
  }
  loadbalance_of(draft).weights = draft.path(statement.words[2].text);
  return {};
}

Result<void> apply_loadbalance(const Statement& statement, BlockDraft& draft) {
  draft.options.plugins.loadbalance.emplace();
  if (statement.argument_count() == 0) {
    return {};
  }
  const std::string& policy = statement.words[1].text;
  if (policy == "weighted") {
    return apply_weighted(statement, draft);
  }
  if (policy != "round_robin") {
    return config_error("unknown policy: " + policy);
  }
  return statement.argument_count() == 1
             ? Result<void>()
             : parse_error(statement.words[2], "unknown property for round_robin");
}

Result<void> apply_weights_reload(const Statement& statement, BlockDraft& draft) {
  if (loadbalance_of(draft).weights.empty()) {
    return parse_error(statement.words[0], "unknown property 'reload', only a weight file is reloaded");
  }
  const auto interval = parse_duration(statement.words[1].text);
  if (!interval) {
    return parse_error(statement.words[1],
                       fmt::format("invalid reload duration '{}'", statement.words[1].text));
  }
  loadbalance_of(draft).reload = interval->count() != 0;
  return {};
}

Result<void> apply_prefer(const Statement& statement, BlockDraft& draft) {
  for (std::size_t i = 1; i < statement.words.size(); ++i) {
    const auto net = IpRange::parse_network(statement.words[i].text);
    if (!net || !statement.words[i].text.contains('/')) {
      return parse_error(statement.words[i], fmt::format("invalid CIDR \"{}\"", statement.words[i].text));
    }
    loadbalance_of(draft).prefer.push_back(*net);
  }
  return {};
}

// A line is `[query|response] set|clear FLAG...`.
Result<void> apply_flags(const Statement& line, std::size_t first, HeaderFlags& flags) {
  const auto fault = [](const std::string& what) { return config_error("setting up rule: " + what); };
  if (line.words.size() <= first) {
    return fault("no flag action provided");
  }
  const std::string action = lower_case(line.words[first].text);
  if (action != "set" && action != "clear") {
    return fault("unknown flag action=" + action + ", should be set or clear");
  }
  if (line.words.size() == first + 1) {
    return fault("invalid length for flags, at least one should be provided");
  }
  for (std::size_t i = first + 1; i < line.words.size(); ++i) {
    const std::string name = lower_case(line.words[i].text);
    const std::uint16_t flag = name == "aa"   ? wire::flag::AA
                               : name == "ra" ? wire::flag::RA
                               : name == "rd" ? wire::flag::RD
                                              : 0;
    if (flag == 0) {
      return fault("unknown/unsupported flag=" + name);
    }
    flags.set = static_cast<std::uint16_t>(action == "set" ? flags.set | flag : flags.set & ~flag);
    flags.clear = static_cast<std::uint16_t>(action == "set" ? flags.clear & ~flag : flags.clear | flag);
  }
  return {};
}

HeaderOptions& header_of(BlockDraft& draft) {
  return *draft.options.plugins.header;
}

Result<void> apply_header(const Statement& statement, BlockDraft& draft) {
  if (statement.block.empty()) {
    return argument_error(statement.words.back());
  }
  auto& header = draft.options.plugins.header;
  header = header.value_or(HeaderOptions{});
  return {};
}

Result<void> apply_query_flags(const Statement& statement, BlockDraft& draft) {
  return apply_flags(statement, 1, header_of(draft).query);
}

Result<void> apply_response_flags(const Statement& statement, BlockDraft& draft) {
  return apply_flags(statement, 1, header_of(draft).response);
}

Result<void> apply_bare_flags(const Statement& statement, BlockDraft& draft) {
  return apply_flags(statement, 0, header_of(draft).response);
}

Result<void> refuse_selector(const Statement& statement, BlockDraft&) {
  return config_error("setting up rule: invalid selector=" + lower_case(statement.name()) +
                      " should be query or response");
}

Result<void> apply_minimal(const Statement&, BlockDraft& draft) {
  draft.options.plugins.minimal = true;
  return {};
}

constexpr Option kLoadbalanceOptions[] = {
    {"reload",
     {"DURATION", 1, 1},
     "on",
     "Of `weighted`: `0` reads the file once. With anything else it is read again whenever it changes; "
     "CoreDNS looks at "
     "it in this interval.",
     apply_weights_reload},
    {"prefer",
     {"CIDR...", 1},
     "none",
     "Addresses in these networks come first, in the order of the networks.",
     apply_prefer},
};

constexpr Option kHeaderOptions[] = {
    {"query",
     {"set|clear aa|ra|rd..."},
     "as received",
     "Flags of the query as it is asked further. The response has the RD of the client.",
     apply_query_flags},
    {"response",
     {"set|clear aa|ra|rd..."},
     "RA set, RD as the client's",
     "Flags of the response.",
     apply_response_flags},
    {"set", {"aa|ra|rd..."}, "none", "The same as `response set`.", apply_bare_flags},
    {"clear", {"aa|ra|rd..."}, "none", "The same as `response clear`.", apply_bare_flags},
};

}  // namespace

const Directive kNsid = {
    "nsid",
    {"[DATA...]"},
    false,
    "Tells clients that ask for it (RFC 5001) which server answers: DATA, at most 255 octets, or the name of "
    "the "
    "host. Unlike CoreDNS it is left out of a response that has no room for it.",
    {},
    apply_nsid,
};

const Directive kBufsize = {
    "bufsize",
    {"[SIZE]", 0, 1},
    false,
    "The largest response over UDP in octets, 512..4096, 1232 without SIZE, for clients that say they take "
    "more. "
    "Without `bufsize` that is 1232, over loopback 4096. Unlike CoreDNS it does not change what upstreams "
    "are "
    "told, always 1232, nor what our own OPT says.",
    {},
    apply_bufsize,
};

const Directive kLoadbalance = {
    "loadbalance",
    {"[round_robin | weighted FILE]"},
    false,
    "Puts the A, AAAA and MX records of an answer into random order, behind its CNAMEs and other records. "
    "Addresses of mesh names take turns without it. `weighted` puts one address in front of the others "
    "instead, the more "
    "often the greater its weight is. FILE has a name on a line and its addresses with their weights, "
    "1..255, on the "
    "following ones (`10.0.0.1 3`); an address that it does not have counts 1, and `#` begins a comment. "
    "Unlike with "
    "CoreDNS it must be there at the start.",
    kLoadbalanceOptions,
    apply_loadbalance,
};

const Directive kHeader = {
    "header",
    {"", 0, 0},
    true,
    "Sets and clears header flags. RA is set in every response anyway. Unlike CoreDNS, responses that "
    "directives "
    "such as `any` make by themselves are changed, too.",
    kHeaderOptions,
    apply_header,
    refuse_selector,
};

const Directive kMinimal = {
    "minimal", {"", 0, 0},
    false,     "Leaves the authority and the additional section out of positive answers.",
    {},        apply_minimal,
};

}  // namespace meshdns::corefile
