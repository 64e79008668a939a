#include "redirect/app/status_output.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace meshdns::redirect {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kNobody = 65534;

// A server whose queries are redirected: the first one that a rule names, or where all of them are any at
// all.
std::string redirected_server(const Status& status) {
  for (const RuleState& rule : status.rules) {
    const bool takes_dns = rule.rule.contains("udp") && rule.rule.contains("dport 53") &&
                           (rule.rule.contains("redirect to :") || rule.rule.contains("--to-ports"));
    if (!takes_dns) {
      continue;
    }
    for (const std::string_view key : {"daddr { ", "daddr ", "-d "}) {
      if (const std::size_t at = rule.rule.find(key); at != std::string::npos) {
        const std::string rest = rule.rule.substr(at + key.size());
        return rest.substr(0, rest.find_first_of(" ,/"));
      }
    }
    return "192.0.2.53";  // reserved for examples: nobody's
  }
  return "";
}

std::string headline(const Status& status) {
  if (!status.is_installed()) {
    return "not installed\n";
  }
  return fmt::format("installed through {}, {}\n", status.backend,
                     status.is_as_planned() ? "as planned" : "not as planned");
}

}  // namespace

Result<Probe> probe(const Status& before, const std::function<Result<Status>()>& look_again) {
  Probe result{.server = redirected_server(before),
               .uid = before.exempt_uid == kNobody ? kNobody - 1 : kNobody,
               .answer = {}};
  if (result.server.empty()) {
    return fail(Errc::InvalidConfig, "--probe: no DNS is redirected, there is nothing to ask");
  }
  auto answer = ask_as(result.uid, result.server);
  if (!answer) {
    return std::unexpected(answer.error());
  }
  const Result<Status> after = look_again();
  if (!after) {
    return std::unexpected(after.error());
  }
  result.is_captured = after->captured_dns() > before.captured_dns();
  result.answer = *std::move(answer);
  return result;
}

std::string status_table(const Status& status, const std::optional<Probe>& probe) {
  std::string text = headline(status);
  std::size_t width = 0;
  for (const RuleState& rule : status.rules) {
    width = std::max(width, rule.place.size());
  }
  if (!status.rules.empty()) {
    text += fmt::format("\n{:10} {:>9}  {:{}}  RULE\n", "STATE", "PACKETS", "PLACE", width);
  }
  for (const RuleState& rule : status.rules) {
    text +=
        fmt::format("{:10} {:>9}  {:{}}  {}\n", word(rule.state), rule.packets, rule.place, width, rule.rule);
    if (!rule.planned.empty()) {
      text += fmt::format("{:10} {:>9}  {:{}}  {}\n", "  planned", "", "", width, rule.planned);
    }
  }
  if (status.is_installed()) {
    text += "\nLISTENERS\n";
    for (const Listener& listener : status.listeners) {
      text += fmt::format("{:5} {}:{}  uid {}  {}\n", listener.protocol, listener.address, listener.port,
                          listener.uid, listener.program);
    }
  }
  if (probe) {
    text += fmt::format("\nPROBE\nUID {} asked {}: {}, {}\n", probe->uid, probe->server,
                        probe->is_captured ? "captured" : "not captured", probe->answer.text);
  }
  for (const std::string& warning : status.warnings) {
    text += fmt::format("\n# [WARNING] {}", warning);
  }
  return text + (status.warnings.empty() ? "" : "\n");
}

std::string status_json(const Status& status, const std::optional<Probe>& probe) {
  json::object document{{"installed", status.is_installed()},
                        {"backend", status.backend},
                        {"asPlanned", status.is_as_planned()},
                        {"passthroughAddress", status.has_passthrough_address}};
  document["exemptUid"] = status.exempt_uid ? json::value(*status.exempt_uid) : json::value(nullptr);
  json::array& rules = document["rules"].emplace_array();
  for (const RuleState& rule : status.rules) {
    json::object row{
        {"state", word(rule.state)}, {"place", rule.place}, {"rule", rule.rule}, {"packets", rule.packets}};
    if (!rule.planned.empty()) {
      row["planned"] = rule.planned;
    }
    rules.emplace_back(std::move(row));
  }
  json::array& listeners = document["listeners"].emplace_array();
  for (const Listener& listener : status.listeners) {
    listeners.emplace_back(json::object{{"protocol", listener.protocol},
                                        {"address", listener.address},
                                        {"port", listener.port},
                                        {"uid", listener.uid},
                                        {"program", listener.program}});
  }
  if (probe) {
    document["probe"] = json::object{{"server", probe->server},
                                     {"uid", probe->uid},
                                     {"captured", probe->is_captured},
                                     {"answered", probe->answer.is_answered},
                                     {"outcome", probe->answer.text}};
  }
  json::array& warnings = document["warnings"].emplace_array();
  for (const std::string& warning : status.warnings) {
    warnings.emplace_back(warning);
  }
  return json::serialize(document) + '\n';
}

}  // namespace meshdns::redirect
