#include "dns/app/command_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meshdns::app {
namespace {

constexpr std::uint16_t kDnsPort = 53;

// What the words on the command line said; listen addresses wait here until the default port is known.
struct Draft {
  CommandLine result;
  std::vector<std::string> listen;
  std::vector<std::string> words;
  bool show_version = false;
  bool show_plugins = false;
};

std::string set_port(Draft& draft, const std::string& value) {
  std::uint16_t port = 0;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), port);
  if (failed != std::errc() || end != value.data() + value.size()) {
    return "expected 0..65535";
  }
  draft.result.dns_port = port;
  return {};
}

std::string add_upstream(Draft& draft, const std::string& value) {
  const auto address = SocketAddress::parse(value, kDnsPort);
  if (!address || address->port == 0) {
    return "expected ADDR[:PORT]";
  }
  draft.result.upstreams.push_back(*address);
  return {};
}

std::string set_log_level(Draft& draft, const std::string& value) {
  draft.result.log_level = parse_log_level(value);
  return draft.result.log_level ? "" : "expected debug, info, warning or error";
}

std::string add_zone(Draft& draft, const std::string& value) {
  draft.result.zones.push_back(value);
  return value.empty() ? "expected a file or folder" : "";
}

std::string add_listen(Draft& draft, const std::string& value) {
  draft.listen.push_back(value);
  return {};
}

std::vector<Flag> flags_of_every_action(Draft& draft) {
  const auto to = [&draft](std::string (*set)(Draft&, const std::string&)) {
    return [&draft, set](const std::string& value) { return set(draft, value); };
  };
  return {
      {"conf", "FILE",
       "Corefile to load; `stdin` reads standard input (default: ./Corefile, else a built-in one)",
       into(draft.result.conf)},
      {"dns.port", "PORT", "port of zones that name none (default: 53; 15053 for the built-in Corefile)",
       to(set_port)},
      {"p", "PORT", "the same as -dns.port", to(set_port)},
      {"zone", "PATH", "mesh zone file or folder to serve instead of the demonstration mesh; repeatable",
       to(add_zone)},
      {"listen", "ADDR[:PORT]", "address to listen on instead of 127.0.0.1 and ::1; repeatable",
       to(add_listen)},
      {"upstream", "ADDR[:PORT]", "server to forward to instead of those in /etc/resolv.conf; repeatable",
       to(add_upstream)},
  };
}

std::vector<Flag> flags_of_serving(Draft& draft) {
  return {
      {"log-level", "LEVEL", "debug, info, warning or error (default: info, or $MESHDNS_LOG_LEVEL)",
       [&draft](const std::string& value) { return set_log_level(draft, value); }},
      {"pidfile", "FILE", "where to write the process id", into(draft.result.pid_file)},
      {"quiet", "", "print nothing at start but warnings", into(draft.result.quiet)},
      {"version", "", "show the version", into(draft.show_version)},
      {"plugins", "", "list the directives that a Corefile may have", into(draft.show_plugins)},
  };
}

std::string usage(Action action) {
  switch (action) {
    case Action::Check:
      return "Usage of meshdns check: meshdns check [flags]\n"
             "Reads the configuration and every file it names, and prints what would be served.\n";
    case Action::Explain:
      return "Usage of meshdns explain: meshdns explain NAME [TYPE] [flags]\n"
             "Says who would answer a query for NAME, and why. TYPE is A unless given.\n";
    default:
      return "Usage of meshdns: meshdns [flags]\n"
             "       meshdns check [flags]                 validate the configuration, serve nothing\n"
             "       meshdns explain NAME [TYPE] [flags]   say who would answer a query, and why\n"
             "       meshdns zone show|diff|vips [flags]   look at the names of a mesh\n"
             "       meshdns COMMAND -help\n";
  }
}

FlagSet flags_of(Draft& draft) {
  std::vector<Flag> flags = flags_of_every_action(draft);
  if (draft.result.action == Action::Serve) {
    std::ranges::move(flags_of_serving(draft), std::back_inserter(flags));
  }
  return {usage(draft.result.action), std::move(flags)};
}

Action take_action(std::span<const char* const>& rest) {
  constexpr std::array<std::pair<std::string_view, Action>, 4> kCommands = {{{"serve", Action::Serve},
                                                                             {"check", Action::Check},
                                                                             {"explain", Action::Explain},
                                                                             {"zone", Action::Zone}}};
  for (const auto& [word, action] : kCommands) {
    if (!rest.empty() && word == rest.front()) {
      rest = rest.subspan(1);
      return action;
    }
  }
  return Action::Serve;
}

std::expected<CommandLine, EarlyExit> finish(Draft draft, const FlagSet& flags) {
  CommandLine& result = draft.result;
  for (const std::string& text : draft.listen) {
    const auto address = SocketAddress::parse(text, result.dns_port.value_or(kBuiltinCorefilePort));
    if (!address) {
      return flags.bad_usage(
          fmt::format("invalid value \"{}\" for flag -listen: expected ADDR[:PORT]", text));
    }
    result.listen.push_back(*address);
  }
  if (!result.conf.empty() && result.has_shorthands()) {
    return flags.bad_usage("-zone, -listen and -upstream cannot be combined with -conf");
  }
  if (result.action == Action::Explain) {
    if (draft.words.empty() || draft.words.size() > 2) {
      return flags.bad_usage("explain needs a NAME, and at most a TYPE");
    }
    result.name = draft.words[0];
    result.type = draft.words.size() == 2 ? draft.words[1] : "A";
  } else if (!draft.words.empty()) {
    return std::unexpected(
        EarlyExit{1, fmt::format("extra command line arguments: [{}]\n", fmt::join(draft.words, " "))});
  }
  if (draft.show_version || draft.show_plugins) {
    result.action = draft.show_version ? Action::ShowVersion : Action::ShowPlugins;
  }
  return std::move(result);
}

}  // namespace

std::expected<CommandLine, EarlyExit> parse_command_line(std::span<const char* const> arguments) {
  Draft draft;
  draft.result.action = take_action(arguments);
  if (draft.result.action == Action::Zone) {
    auto zone = parse_zone_command_line(arguments);
    if (!zone) {
      return std::unexpected(std::move(zone.error()));
    }
    draft.result.conf = zone->conf;
    draft.result.zone = std::move(*zone);
    return std::move(draft.result);
  }
  const FlagSet flags = flags_of(draft);
  auto words = flags.parse(arguments, draft.result.action != Action::Serve);
  if (!words) {
    return std::unexpected(std::move(words.error()));
  }
  draft.words = std::move(*words);
  return finish(std::move(draft), flags);
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, LogLevel>, 4> kLevels = {{{"debug", LogLevel::Debug},
                                                                             {"info", LogLevel::Info},
                                                                             {"warning", LogLevel::Warning},
                                                                             {"error", LogLevel::Error}}};
  const auto* const level = std::ranges::find(kLevels, text, [](const auto& row) { return row.first; });
  return level == kLevels.end() ? std::nullopt : std::optional(level->second);
}

}  // namespace meshdns::app
