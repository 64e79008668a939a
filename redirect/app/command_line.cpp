#include "redirect/app/command_line.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "redirect/options/option_table.hpp"
#include "redirect/options/sources.hpp"

namespace meshdns::redirect {
namespace {

namespace po = boost::program_options;
using Words = std::vector<std::string>;
using Verb = Command::Verb;

// As in Go: `--flag`, `--flag=true`, `--flag=false`.
po::typed_value<Words>* go_switch() {
  return po::value<Words>()->composing()->value_name("[=BOOL]")->implicit_value({"true"}, "");
}

po::typed_value<Words>* words(std::string_view name) {
  return po::value<Words>()->composing()->value_name(std::string(name));
}

std::string help_of(const OptionRow& row) {
  return row.fallback.empty() || row.fallback == "false"
             ? std::string(row.help)
             : fmt::format("{} (default {})", row.help, row.fallback);
}

void add_options_of_install(po::options_description& flags, bool shown_only) {
  for (const OptionRow& row : option_table()) {
    if (!row.flag.empty() && (!row.help.empty() || !shown_only)) {
      flags.add_options()(std::string(row.flag).c_str(),
                          row.kind == OptionRow::Kind::Switch ? go_switch() : words(row.value),
                          help_of(row).c_str());
    }
  }
  flags.add_options()("config", words("TEXT|PATH|-"),
                      "configuration document, its path or the text itself; may be repeated");
  flags.add_options()("config-file", words("PATH|-"),
                      "path of a configuration document, or - for standard input");
}

po::options_description flags_of(Verb verb, bool shown_only = false) {
  constexpr unsigned kWidth = 118;
  constexpr unsigned kTextWidth = 66;
  po::options_description flags("Flags of install", kWidth, kTextWidth);
  switch (verb) {
    case Verb::Install:
      add_options_of_install(flags, shown_only);
      break;
    case Verb::Uninstall:
      flags.add_options()("also-kumactl", go_switch(), "rules that kumactl installed as well");
      flags.add_options()("dry-run", go_switch(), "print the commands and change nothing");
      flags.add_options()("verbose", go_switch(), "accepted for kumactl's sake");
      break;
    case Verb::Status:
      flags.add_options()("output,o", words("FORMAT"), "table or json (default table)");
      flags.add_options()("probe", go_switch(),
                          "ask one question as another user and say whether it is captured");
      break;
    case Verb::Validate:
      flags.add_options()("ip-family-mode", words("MODE"), "dualstack or ipv4 (default dualstack)");
      flags.add_options()("kuma-dp-user", words("USER|UID"), "user to connect as");
      flags.add_options()("validation-server-port", words("PORT"), "port to listen on (default 15006)");
      break;
    case Verb::Help:
      break;
  }
  if (verb == Verb::Uninstall || verb == Verb::Status) {
    for (const char* name : {"state-dir", "firewalld-dir", "iptables-executables", "wait", "wait-interval"}) {
      const auto rows = option_table();
      flags.add_options()(name, words("VALUE"),
                          help_of(*std::ranges::find(rows, name, &OptionRow::flag)).c_str());
    }
  }
  flags.add_options()("help,h", po::bool_switch(), "print this");
  return flags;
}

std::unexpected<UsageError> refuse(std::string what) {
  return std::unexpected(UsageError{std::move(what)});
}

std::string bad_argument(std::string_view flag, const Words& values, std::string_view what) {
  return fmt::format("invalid argument \"{}\" for \"--{}\" flag: {}", fmt::join(values, ","), flag, what);
}

const Words* said(const po::variables_map& given, std::string_view flag) {
  const auto found = given.find(std::string(flag));
  return found == given.end() || found->second.empty() ? nullptr : &found->second.as<Words>();
}

std::expected<void, UsageError> apply_documents(Options& options, const po::variables_map& given,
                                                const Surroundings& surroundings) {
  const auto apply = [&](const Result<std::string>& text, const std::string& name) -> Result<void> {
    return text ? apply_document(options, *text, name == "-" ? "standard input" : name)
                : std::unexpected(text.error());
  };
  for (const char* flag : {"config-file", "config"}) {
    const Words* documents = said(given, flag);
    for (const std::string& word : documents == nullptr ? Words{} : *documents) {
      Result<std::string> text = surroundings.read_file(word);
      // What cannot be a path is the text itself.
      const bool is_text =
          !text && flag == std::string_view("config") && word.find_first_of(":{\n") != std::string::npos;
      const auto done = is_text ? apply(word, "--config") : apply(text, word);
      if (!done) {
        return refuse(done.error().what);
      }
    }
  }
  return {};
}

std::expected<void, UsageError> apply_flags(Options& options, const po::variables_map& given) {
  for (const OptionRow& row : option_table()) {
    const Words* values = row.flag.empty() ? nullptr : said(given, row.flag);
    if (values == nullptr) {
      continue;
    }
    if (const auto done = row.set(options, *values); !done) {
      return refuse(bad_argument(row.flag, *values, done.error()));
    }
    if (!row.instead.empty()) {
      options.warnings.push_back(fmt::format("flag --{} is deprecated, use {}", row.flag, row.instead));
    }
  }
  return {};
}

std::expected<void, UsageError> read_install(Command& command, const po::variables_map& given,
                                             const Surroundings& surroundings) {
  Options& options = command.options;
  if (const auto done = apply_documents(options, given, surroundings); !done) {
    return done;
  }
  if (const auto done = apply_environment(options, surroundings.environment); !done) {
    return refuse(done.error().what);
  }
  if (const auto done = apply_flags(options, given); !done) {
    return done;
  }
  options.dns_by_flag = said(given, "redirect-dns") != nullptr && options.spec.dns.enabled;
  options.all_dns_by_flag =
      said(given, "redirect-all-dns-traffic") != nullptr && options.spec.dns.all_traffic;
  options.spec.dns.enabled = options.spec.dns.enabled || options.spec.dns.all_traffic;
  if (const auto checked = check(options); !checked) {
    return refuse(checked.error().what);
  }
  return {};
}

std::expected<void, UsageError> read_small(Command& command, const po::variables_map& given) {
  if (const auto done = apply_flags(command.options, given); !done) {
    return done;
  }
  const auto read_switch = [&](const char* flag, bool& place) -> std::expected<void, UsageError> {
    if (const Words* values = said(given, flag)) {
      const auto value = parse_bool(values->back());
      if (!value) {
        return refuse(bad_argument(flag, *values, value.error()));
      }
      place = *value;
    }
    return {};
  };
  for (const auto& [flag, place] :
       {std::pair{"also-kumactl", &command.also_kumactl}, {"probe", &command.probe}}) {
    if (const auto done = read_switch(flag, *place); !done) {
      return done;
    }
  }
  if (const Words* output = said(given, "output")) {
    if (output->back() != "table" && output->back() != "json") {
      return refuse(bad_argument("output", *output, "must be one of 'table' or 'json'"));
    }
    command.as_json = output->back() == "json";
  }
  if (const Words* port = said(given, "validation-server-port")) {
    const auto value = parse_port(port->back());
    if (!value) {
      return refuse(bad_argument("validation-server-port", *port, value.error()));
    }
    command.validation_port = *value;
  }
  return {};
}

// Takes the words that are not flags off the front of the arguments. kumactl spells its commands with the
// word `transparent-proxy`, which changes nothing here, and `transparent-proxy-validator`.
std::expected<Command, UsageError> take_verb(Words& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    return Command{};
  }
  const std::string word = arguments[0];
  arguments.erase(arguments.begin());
  Command command;
  if (word == "install" || word == "print") {
    command.verb = Verb::Install;
    command.options.dry_run = word == "print";
  } else if (word == "uninstall") {
    command.verb = Verb::Uninstall;
  } else if (word == "status") {
    command.verb = Verb::Status;
    return command;
  } else if (word == "validate") {
    command.verb = Verb::Validate;
    return command;
  } else {
    return std::unexpected(UsageError{
        fmt::format("unknown command \"{}\", expected install, uninstall, status, print or validate", word),
        true});
  }
  if (!arguments.empty() && arguments[0] == "transparent-proxy") {
    arguments.erase(arguments.begin());
  } else if (word == "install" && !arguments.empty() && arguments[0] == "transparent-proxy-validator") {
    arguments.erase(arguments.begin());
    command.verb = Verb::Validate;
  }
  return command;
}

}  // namespace

std::string usage() {
  std::ostringstream flags;
  flags << flags_of(Verb::Install, true);
  return fmt::format(
      "Steers the traffic of this host to the mesh: TCP to Envoy, DNS to meshdns.\n\n"
      "Usage:\n"
      "  meshdns-redirect install [flags]     put the rules in force, in place of those of an earlier "
      "install\n"
      "  meshdns-redirect uninstall [flags]   remove them; succeeds when there are none\n"
      "      --also-kumactl                   and those that kumactl installed\n"
      "  meshdns-redirect status [flags]      what is in force, beside what was planned, with counters\n"
      "      --output table|json  --probe     for programs; ask a question as another user\n"
      "  meshdns-redirect print [flags]       install --dry-run\n"
      "  meshdns-redirect validate [flags]    check that inbound traffic is redirected\n"
      "      --ip-family-mode MODE  --validation-server-port PORT\n"
      "\"install transparent-proxy\", \"uninstall transparent-proxy\" and \"install "
      "transparent-proxy-validator\"\n"
      "are accepted, as kumactl spells them.\n\n"
      "{}",
      flags.str());
}

std::expected<Command, UsageError> parse_command_line(Words arguments, const Surroundings& surroundings) {
  auto command = take_verb(arguments);
  if (!command || command->verb == Verb::Help) {
    return command;
  }
  try {
    po::variables_map given;
    namespace style = po::command_line_style;
    const po::options_description flags = flags_of(command->verb);
    const po::positional_options_description no_words;
    po::store(po::command_line_parser(arguments)
                  .options(flags)
                  .positional(no_words)
                  .style(style::unix_style & ~style::allow_guessing)
                  .run(),
              given);
    po::notify(given);
    if (given["help"].as<bool>()) {
      command->verb = Verb::Help;
      return command;
    }
    const auto done = command->verb == Verb::Install ? read_install(*command, given, surroundings)
                                                     : read_small(*command, given);
    if (!done) {
      return std::unexpected(done.error());
    }
  } catch (const po::unknown_option& error) {
    return std::unexpected(UsageError{fmt::format("unknown flag: {}", error.get_option_name()), true});
  } catch (const po::too_many_positional_options_error&) {
    return std::unexpected(UsageError{"unexpected argument, expected flags only", true});
  } catch (const po::error& error) {
    return refuse(error.what());
  }
  return command;
}

}  // namespace meshdns::redirect
