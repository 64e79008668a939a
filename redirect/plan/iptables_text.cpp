#include "redirect/plan/iptables_text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meshdns::redirect {
namespace {

// The longest comment that the kernel keeps is 255 with its end.
constexpr std::size_t kLongestComment = 254;

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

class Writer {
 public:
  explicit Writer(const IptablesStyle& style) : style_(style) {}

  std::string rule(const Chain& chain, const Rule& rule, unsigned position) const {
    std::string text = rule.at_head ? fmt::format("{} {} {}", option("-I", "--insert"), chain.name, position)
                                    : fmt::format("{} {}", option("-A", "--append"), chain.name);
    if (style_.comments) {
      const std::string comment = fmt::format("{}{}{}", kKumaCommentPrefix, kCommentMark, rule.comment);
      text += fmt::format(" {} comment --comment \"{}\"", option("-m", "--match"),
                          std::string_view(comment).substr(0, kLongestComment));
    }
    for (const Match& match : rule.matches) {
      text += ' ' + match_text(match);
    }
    return fmt::format("{} {} {}", text, option("-j", "--jump"), action_text(rule.action));
  }

  std::string new_chain(const Chain& chain) const {
    return fmt::format("{} {}", option("-N", "--new-chain"), chain.name);
  }

 private:
  std::string_view option(std::string_view brief, std::string_view verbose) const {
    return style_.verbose ? verbose : brief;
  }

  std::string match_text(const Match& match) const {
    return std::visit(
        Overloaded{
            [](const OfFamily&) -> std::string { return ""; },  // said by the program
            [&](const OfProtocol& of) {
              const std::string_view name = of.protocol == Protocol::Udp ? "udp" : "tcp";
              const std::string text = fmt::format("{} {}", option("-p", "--protocol"), name);
              switch (of.module) {
                case OfProtocol::Module::Itself:
                  return fmt::format("{} {} {}", option("-m", "--match"), name, text);
                case OfProtocol::Module::Multiport:
                  return fmt::format("{} multiport {}", option("-m", "--match"), text);
                case OfProtocol::Module::None:
                  break;
              }
              return text;
            },
            [&](const EntersBy& by) {
              return fmt::format("{} {}", option("-i", "--in-interface"), by.interface);
            },
            [&](const LeavesBy& by) {
              return fmt::format("{} {}", option("-o", "--out-interface"), by.interface);
            },
            [&](const ComesFrom& from) {
              return fmt::format("{} {}", option("-s", "--source"), from.networks.at(0).to_string());
            },
            [&](const GoesTo& to) {
              return fmt::format("{}{} {}", to.negated ? "! " : "", option("-d", "--destination"),
                                 to.networks.at(0).to_string());
            },
            [&](const FromPort& from) {
              return fmt::format("{} {}", option("--sport", "--source-port"), from.port);
            },
            [&](const ToPorts& to) { return ports(to); },
            [&](const OwnedBy& by) {
              return fmt::format("{} owner {}--uid-owner {}", option("-m", "--match"), by.negated ? "! " : "",
                                 by.uids.first == by.uids.last
                                     ? fmt::format("{}", by.uids.first)
                                     : fmt::format("{}-{}", by.uids.first, by.uids.last));
            },
            [&](const IsInvalid&) {
              return fmt::format("{} conntrack --ctstate INVALID", option("-m", "--match"));
            },
            [](const OpensConnection&) -> std::string { return "--syn"; },
        },
        match);
  }

  std::string ports(const ToPorts& to) const {
    std::vector<std::string> texts;
    texts.reserve(to.ports.size());
    for (const PortRange& range : to.ports) {
      texts.push_back(range.first == range.last ? fmt::format("{}", range.first)
                                                : fmt::format("{}:{}", range.first, range.last));
    }
    return fmt::format("{}{} {}", to.negated ? "! " : "", option("--dport", "--destination-port"),
                       fmt::join(texts, ","));
  }

  static std::string action_text(const Action& action) {
    return std::visit(Overloaded{
                          [](const Return&) -> std::string { return "RETURN"; },
                          [](const JumpTo& to) { return to.chain; },
                          [](const RedirectTo& to) { return fmt::format("REDIRECT --to-ports {}", to.port); },
                          [](const UseZone& use) {
                            return fmt::format("CT --zone{} {}", use.original_only ? "-orig" : "", use.zone);
                          },
                          [](const Drop&) -> std::string { return "DROP"; },
                          [](const Log& log) {
                            return fmt::format("LOG --log-prefix {} --log-level {}", log.prefix, log.level);
                          },
                      },
                      action);
  }

  const IptablesStyle& style_;
};

}  // namespace

std::vector<std::string> iptables_commands(const Table& table, const IptablesStyle& style) {
  const Writer writer(style);
  std::vector<std::string> commands;
  for (const Chain& chain : table.chains) {
    if (chain.hook == Hook::None) {
      commands.push_back(writer.new_chain(chain));
    }
  }
  for (const Chain& chain : table.chains) {
    unsigned position = 0;
    for (const Rule& rule : chain.rules) {
      position += rule.at_head ? 1 : 0;
      commands.push_back(writer.rule(chain, rule, position));
    }
  }
  return commands;
}

std::string iptables_text(const Plan& plan, const IptablesStyle& style) {
  std::string text;
  for (const Table& table : plan.tables) {
    const std::vector<std::string> commands = iptables_commands(table, style);
    if (style.verbose) {
      text += fmt::format("{}# the table {}\n", text.empty() ? "" : "\n", table.name);
    }
    text += fmt::format("* {}\n{}\nCOMMIT\n", table.name, fmt::join(commands, "\n"));
  }
  return text;
}

}  // namespace meshdns::redirect
