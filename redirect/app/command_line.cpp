#include "redirect/app/command_line.hpp"

#include <charconv>
#include <sstream>
#include <vector>

#include <boost/program_options.hpp>
#include <fmt/format.h>

namespace meshdns::redirect {
namespace {

namespace po = boost::program_options;

// As in Go: `--flag`, `--flag=true`, `--flag=false`.
po::typed_value<bool>* go_bool() {
  return po::value<bool>()->value_name("[=BOOL]")->implicit_value(true, "")->default_value(false, "");
}

po::options_description flags_of(Command::Verb verb) {
  constexpr unsigned kWidth = 110;
  constexpr unsigned kTextWidth = 70;
  po::options_description flags("Flags", kWidth, kTextWidth);
  if (verb == Command::Verb::Install) {
    const InstallOptions defaults;
    auto add = flags.add_options();
    add("kuma-dp-user", po::value<std::string>()->value_name("USER|UID")->default_value("", ""),
        "user that kuma-dp and meshdns run as; its DNS traffic is not redirected. Without it: UID 5678 if it "
        "exists, "
        "else the user kuma-dp");
    add("redirect-dns", go_bool(), "redirect DNS traffic to the servers of resolv.conf (the default)");
    add("redirect-all-dns-traffic", go_bool(), "redirect all DNS traffic, whatever server it is for");
    add("redirect-dns-port", po::value<std::string>()->value_name("PORT")->default_value("15053"),
        "port on loopback to redirect to");
    add("ip-family-mode", po::value<std::string>()->value_name("MODE")->default_value("dualstack"),
        "dualstack, or ipv4 to leave IPv6 alone");
    add("resolv-conf", po::value<std::string>()->value_name("PATH")->default_value(defaults.resolv_conf),
        "file that names the servers");
    add("dry-run", go_bool(), "print the rules and change nothing; needs no privilege");
  }
  flags.add_options()("help,h", po::bool_switch(), "print this");
  return flags;
}

std::expected<std::uint16_t, UsageError> port(const std::string& text) {
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) {
    return std::unexpected(
        UsageError{fmt::format("--redirect-dns-port: \"{}\" is not a port, expected 1 to 65535", text)});
  }
  return number;
}

std::expected<InstallOptions, UsageError> install_options(const po::variables_map& given) {
  InstallOptions options;
  options.user = given["kuma-dp-user"].as<std::string>();
  options.all_dns_traffic = given["redirect-all-dns-traffic"].as<bool>();
  if (options.all_dns_traffic && given["redirect-dns"].as<bool>()) {
    return std::unexpected(
        UsageError{"--redirect-dns and --redirect-all-dns-traffic exclude each other, expected one of them"});
  }
  if (!options.all_dns_traffic && !given["redirect-dns"].defaulted() && !given["redirect-dns"].as<bool>()) {
    return std::unexpected(
        UsageError{"--redirect-dns=false leaves nothing to redirect, expected --redirect-dns or "
                   "--redirect-all-dns-traffic"});
  }
  const auto dns_port = port(given["redirect-dns-port"].as<std::string>());
  if (!dns_port) {
    return std::unexpected(dns_port.error());
  }
  options.dns_port = *dns_port;
  const auto& mode = given["ip-family-mode"].as<std::string>();
  if (mode != "dualstack" && mode != "ipv4") {
    return std::unexpected(
        UsageError{fmt::format("--ip-family-mode: \"{}\" is not a mode, expected dualstack or ipv4", mode)});
  }
  options.ipv6 = mode == "dualstack";
  options.resolv_conf = given["resolv-conf"].as<std::string>();
  options.dry_run = given["dry-run"].as<bool>();
  return options;
}

// Takes the words that are not flags off the front of the arguments. kumactl spells its command
// `install transparent-proxy`; the second word changes nothing here.
std::expected<Command::Verb, UsageError> take_verb(std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    return Command::Verb::Help;
  }
  const std::string word = arguments[0];
  arguments.erase(arguments.begin());
  if (!arguments.empty() && arguments[0] == "transparent-proxy" && word != "status") {
    arguments.erase(arguments.begin());
  }
  if (word == "install") {
    return Command::Verb::Install;
  }
  if (word == "uninstall") {
    return Command::Verb::Uninstall;
  }
  if (word == "status") {
    return Command::Verb::Status;
  }
  return std::unexpected(
      UsageError{fmt::format("unknown command \"{}\", expected install, uninstall or status", word), true});
}

}  // namespace

std::string usage() {
  std::ostringstream flags;
  flags << flags_of(Command::Verb::Install);
  return fmt::format(
      "Steers the DNS traffic of this host to meshdns.\n\n"
      "Usage:\n"
      "  meshdns-redirect install [flags]   put the rules in force, in place of those of an earlier install\n"
      "  meshdns-redirect uninstall         remove them; succeeds when there are none\n"
      "  meshdns-redirect status            list them with their counters\n\n"
      "{}",
      flags.str());
}

std::expected<Command, UsageError> parse_command_line(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto verb = take_verb(arguments);
  if (!verb) {
    return std::unexpected(verb.error());
  }
  Command command{.verb = *verb, .install = {}};
  if (*verb == Command::Verb::Help) {
    return command;
  }
  try {
    po::variables_map given;
    namespace style = po::command_line_style;
    const po::options_description flags = flags_of(*verb);
    const po::positional_options_description no_words;
    po::store(po::command_line_parser(arguments)
                  .options(flags)
                  .positional(no_words)
                  .style(style::unix_style & ~style::allow_guessing)
                  .run(),
              given);
    po::notify(given);
    if (given["help"].as<bool>()) {
      command.verb = Command::Verb::Help;
    } else if (*verb == Command::Verb::Install) {
      auto options = install_options(given);
      if (!options) {
        return std::unexpected(options.error());
      }
      command.install = std::move(*options);
    }
  } catch (const po::unknown_option& error) {
    return std::unexpected(UsageError{fmt::format("unknown flag: {}", error.get_option_name()), true});
  } catch (const po::too_many_positional_options_error&) {
    return std::unexpected(UsageError{"unexpected argument, expected flags only", true});
  } catch (const po::error& error) {
    return std::unexpected(UsageError{error.what()});
  }
  return command;
}

}  // namespace meshdns::redirect
