#include "redirect/options/option_table.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

namespace meshdns::redirect {
namespace {

using Words = std::vector<std::string>;
using Done = Value<void>;

const std::string& last(const Words& values) {
  static const std::string kNothing;
  return values.empty() ? kNothing : values.back();
}

template <class T>
Done store(T& place, Value<T> value) {
  if (!value) {
    return std::unexpected(std::move(value.error()));
  }
  place = *std::move(value);
  return {};
}

template <class T, class Parse>
Done store_all(std::vector<T>& place, const Words& values, Parse parse) {
  std::vector<T> found;
  for (const std::string& text : values) {
    auto value = parse(text);
    if (!value) {
      return std::unexpected(std::move(value.error()));
    }
    if constexpr (std::is_same_v<typename decltype(value)::value_type, std::vector<T>>) {
      found.insert(found.end(), value->begin(), value->end());
    } else {
      found.push_back(*std::move(value));
    }
  }
  place = std::move(found);
  return {};
}

Done store_exclusions(Options& options, const Words& values, std::string_view before, bool keep) {
  std::vector<UidExclusion> found;
  if (keep) {
    found = options.spec.outbound.exclude_uids;
  }
  for (const std::string& text : values) {
    auto value = parse_uid_exclusion(std::string(before) + text);
    if (!value) {
      return std::unexpected(
          fmt::format("parsing excluded outbound ports for uids failed: {}", value.error()));
    }
    found.push_back(*std::move(value));
  }
  options.spec.outbound.exclude_uids = std::move(found);
  return {};
}

Done store_mode(Options& options, std::string_view text) {
  if (text != "dualstack" && text != "ipv4" && !text.empty()) {
    return std::unexpected("must be one of 'dualstack' or 'ipv4'");
  }
  options.spec.ipv6 = text != "ipv4";
  return {};
}

Done store_backend(Options& options, std::string_view text) {
  using Backend = RedirectSpec::Backend;
  constexpr std::array<std::pair<std::string_view, Backend>, 3> kBackends = {
      {{"auto", Backend::Auto}, {"nftables", Backend::Nftables}, {"iptables", Backend::Iptables}}};
  const auto* const found = std::ranges::find(kBackends, text, &std::pair<std::string_view, Backend>::first);
  if (found == kBackends.end()) {
    return std::unexpected("must be one of 'auto', 'nftables' or 'iptables'");
  }
  options.spec.backend = found->second;
  return {};
}

Done store_log(Options& options, const Words& values) {
  const auto on = parse_bool(last(values));
  if (!on) {
    return std::unexpected(on.error());
  }
  constexpr std::uint8_t kDebug = 7;
  options.spec.log_level = *on ? std::optional(options.spec.log_level.value_or(kDebug)) : std::nullopt;
  return {};
}

Done store_executable(Options& options, std::string_view name, const Words& values) {
  options.executables[std::string(name)] = last(values);
  return {};
}

Done ignore(Options& /*options*/, const Words& /*values*/) {
  return {};
}

using enum OptionRow::Kind;

#define MESHDNS_SET(expression) [](Options& o, const Words& v) -> Done { return expression; }

// The help is printed in this order.
const OptionRow kTable[] = {
    {"kuma-dp-user", "kumaDPUser", Single, "USER|UID", "",
     "user that kuma-dp and meshdns run as; its traffic is never redirected. Without it: UID 5678 if it exists, "
     "else the user kuma-dp",
     "", MESHDNS_SET(store(o.user, Value<std::string>(last(v))))},
    {"kuma-dp-uid", "", Single, "UID", "", "", "--kuma-dp-user",
     MESHDNS_SET(store(o.user, Value<std::string>(last(v))))},
    {"backend", "backend", Single, "NAME", "auto",
     "nftables, iptables, or auto: nftables where the kernel has it", "", MESHDNS_SET(store_backend(o, last(v)))},
    {"ip-family-mode", "ipFamilyMode", Single, "MODE", "dualstack", "dualstack, or ipv4 to leave IPv6 alone", "",
     MESHDNS_SET(store_mode(o, last(v)))},
    {"ipv6-disabled", "", Switch, "", "", "", "--ip-family-mode ipv4", [](Options& o, const Words& v) -> Done {
       const auto off = parse_bool(last(v));
       return !off ? Done(std::unexpected(off.error())) : store_mode(o, *off ? "ipv4" : "dualstack");
     }},

    {"redirect-inbound", "redirect.inbound.enabled", Switch, "", "true",
     "redirect what comes in to Envoy; false for gateways", "",
     MESHDNS_SET(store(o.spec.inbound.enabled, parse_bool(last(v))))},
    {"redirect-inbound-port", "redirect.inbound.port", Single, "PORT", "15006", "Envoy's port for what comes in", "",
     MESHDNS_SET(store(o.spec.inbound.port, parse_port(last(v))))},
    {"redirect-inbound-port-v6", "", Single, "PORT", "", "", "--redirect-inbound-port", ignore},
    {"exclude-inbound-ports", "redirect.inbound.excludePorts", Single, "PORT,...", "",
     "ports of this host that are left alone", "",
     MESHDNS_SET(store_all(o.spec.inbound.exclude_ports, v, parse_ports))},
    {"", "redirect.inbound.includePorts", Single, "", "", "", "",
     MESHDNS_SET(store_all(o.spec.inbound.include_ports, v, parse_ports))},
    {"exclude-inbound-ips", "redirect.inbound.excludePortsForIPs", List, "IP|CIDR,...", "",
     "senders that are left alone", "",
     MESHDNS_SET(store_all(o.spec.inbound.exclude_networks, v, parse_networks))},
    {"", "redirect.inbound.excludePortsForUIDs", List, "", "", "", "", ignore},
    {"redirect-inbound-insert-instead-of-append", "redirect.inbound.insertRedirectInsteadOfAppend", Switch, "",
     "false", "let our rule for what comes in stand before those of others", "",
     MESHDNS_SET(store(o.spec.inbound.insert_first, parse_bool(last(v))))},

    {"redirect-outbound", "redirect.outbound.enabled", Switch, "", "true",
     "redirect what leaves to Envoy; false together with --redirect-inbound=false for DNS alone", "",
     MESHDNS_SET(store(o.spec.outbound.enabled, parse_bool(last(v))))},
    {"redirect-outbound-port", "redirect.outbound.port", Single, "PORT", "15001", "Envoy's port for what leaves", "",
     MESHDNS_SET(store(o.spec.outbound.port, parse_port(last(v))))},
    {"exclude-outbound-ports", "redirect.outbound.excludePorts", Single, "PORT,...", "",
     "ports anywhere that are left alone", "",
     MESHDNS_SET(store_all(o.spec.outbound.exclude_ports, v, parse_ports))},
    {"", "redirect.outbound.includePorts", Single, "", "", "", "",
     MESHDNS_SET(store_all(o.spec.outbound.include_ports, v, parse_ports))},
    {"exclude-outbound-ports-for-uids", "redirect.outbound.excludePortsForUIDs", List, "[PROTO:][PORTS:]UIDS", "",
     "what some users send that is left alone, for example tcp:80,3000-5000:106-108", "",
     MESHDNS_SET(store_exclusions(o, v, "", false))},
    {"exclude-outbound-tcp-ports-for-uids", "", List, "PORTS:UIDS", "", "", "--exclude-outbound-ports-for-uids",
     MESHDNS_SET(store_exclusions(o, v, "tcp:", true))},
    {"exclude-outbound-udp-ports-for-uids", "", List, "PORTS:UIDS", "", "", "--exclude-outbound-ports-for-uids",
     MESHDNS_SET(store_exclusions(o, v, "udp:", true))},
    {"exclude-outbound-ips", "redirect.outbound.excludePortsForIPs", List, "IP|CIDR,...", "",
     "destinations that are left alone, DNS included", "",
     MESHDNS_SET(store_all(o.spec.outbound.exclude_networks, v, parse_networks))},
    {"redirect-outbound-insert-instead-of-append", "redirect.outbound.insertRedirectInsteadOfAppend", Switch, "",
     "false", "let our rule for what leaves stand before those of others", "",
     MESHDNS_SET(store(o.spec.outbound.insert_first, parse_bool(last(v))))},

    {"redirect-dns", "redirect.dns.enabled", Switch, "", "false",
     "redirect DNS traffic to the servers of resolv.conf", "",
     MESHDNS_SET(store(o.spec.dns.enabled, parse_bool(last(v))))},
    {"redirect-all-dns-traffic", "redirect.dns.captureAll", Switch, "", "false",
     "redirect all DNS traffic, whatever server it is for", "",
     MESHDNS_SET(store(o.spec.dns.all_traffic, parse_bool(last(v))))},
    {"redirect-dns-port", "redirect.dns.port", Single, "PORT", "15053", "port of meshdns on loopback", "",
     MESHDNS_SET(store(o.spec.dns.port, parse_port(last(v))))},
    {"redirect-tcp-dns", "redirect.dns.tcp", Switch, "", "true",
     "redirect DNS over TCP too, as Kuma 2.7 to 2.11.5 does; false: it goes to the real resolver, as since 2.11.9",
     "", MESHDNS_SET(store(o.spec.dns.tcp, parse_bool(last(v))))},
    {"skip-dns-conntrack-zone-split", "redirect.dns.skipConntrackZoneSplit", Switch, "", "false",
     "do not keep the two legs of a query apart in conntrack", "", [](Options& o, const Words& v) -> Done {
       const auto skip = parse_bool(last(v));
       if (!skip) {
         return std::unexpected(skip.error());
       }
       o.spec.dns.split_zones = !*skip;
       return {};
     }},
    {"resolv-conf", "redirect.dns.resolvConfigPath", Single, "PATH", "/etc/resolv.conf", "file that names the servers",
     "", MESHDNS_SET(store(o.resolv_conf, Value<std::string>(last(v))))},
    {"redirect-dns-upstream-target-chain", "", Single, "CHAIN", "", "", "nothing: it has no effect", ignore},

    {"vnet", "redirect.vnet.networks", List, "INTERFACE:CIDR", "",
     "network of containers behind this host, for example docker0:172.17.0.0/16, br+:172.18.0.0/16", "",
     MESHDNS_SET(store_all(o.spec.virtual_networks, v, parse_virtual_network))},
    {"drop-invalid-packets", "dropInvalidPackets", Switch, "", "false",
     "drop packets that conntrack finds invalid; they would pass by the redirect", "",
     MESHDNS_SET(store(o.spec.drop_invalid, parse_bool(last(v))))},
    {"iptables-logs", "log.enabled", Switch, "", "false", "let the kernel log what reaches the rules", "", store_log},
    {"", "log.level", Single, "", "7", "", "", [](Options& o, const Words& v) -> Done {
       constexpr unsigned kHighest = 7;
       const auto level = parse_unsigned(last(v));
       if (!level || *level > kHighest) {
         return std::unexpected(fmt::format("'{}' is not a log level, expected 0 to 7", last(v)));
       }
       if (o.spec.log_level) {
         o.spec.log_level = static_cast<std::uint8_t>(*level);
       }
       return {};
     }},
    {"disable-comments", "comments.disabled", Switch, "", "false", "iptables rules without comments", "",
     [](Options& o, const Words& v) -> Done {
       const auto off = parse_bool(last(v));
       if (!off) {
         return std::unexpected(off.error());
       }
       o.spec.comments = !*off;
       return {};
     }},

    {"dry-run", "dryRun", Switch, "", "false", "print the rules and change nothing; needs no privilege", "",
     MESHDNS_SET(store(o.dry_run, parse_bool(last(v))))},
    {"verbose", "verbose", Switch, "", "false", "iptables rules with long option names and headings", "",
     MESHDNS_SET(store(o.verbose, parse_bool(last(v))))},
    {"store-firewalld", "storeFirewalld", Switch, "", "false",
     "keep iptables rules in firewalld's direct.xml as well, for its next start", "",
     MESHDNS_SET(store(o.store_firewalld, parse_bool(last(v))))},
    {"iptables-executables", "", Single, "NAME:PATH,...", "",
     "the programs of iptables, or of ip6tables, or of both: all three of a family", "",
     [](Options& o, const Words& v) -> Done { return store(o.executables, parse_executables(last(v))); }},
    {"", "iptablesExecutables.iptables", Single, "", "", "", "", MESHDNS_SET(store_executable(o, "iptables", v))},
    {"", "iptablesExecutables.iptables-save", Single, "", "", "", "",
     MESHDNS_SET(store_executable(o, "iptables-save", v))},
    {"", "iptablesExecutables.iptables-restore", Single, "", "", "", "",
     MESHDNS_SET(store_executable(o, "iptables-restore", v))},
    {"", "iptablesExecutables.ip6tables", Single, "", "", "", "", MESHDNS_SET(store_executable(o, "ip6tables", v))},
    {"", "iptablesExecutables.ip6tables-save", Single, "", "", "", "",
     MESHDNS_SET(store_executable(o, "ip6tables-save", v))},
    {"", "iptablesExecutables.ip6tables-restore", Single, "", "", "", "",
     MESHDNS_SET(store_executable(o, "ip6tables-restore", v))},
    {"wait", "wait", Single, "SECONDS", "5", "wait so long for the lock of iptables-legacy", "",
     MESHDNS_SET(store(o.lock_wait_seconds, parse_unsigned(last(v))))},
    {"wait-interval", "waitInterval", Single, "MICROSECONDS", "0", "look at that lock so often", "",
     MESHDNS_SET(store(o.lock_wait_interval_us, parse_unsigned(last(v))))},
    {"max-retries", "retry.maxRetries", Single, "N", "4", "try iptables-restore so often again", "",
     MESHDNS_SET(store(o.max_retries, parse_unsigned(last(v))))},
    {"sleep-between-retries", "retry.sleepBetweenRetries", Single, "DURATION", "2s", "and wait so long in between", "",
     MESHDNS_SET(store(o.sleep_between_retries, parse_duration(last(v))))},
    {"", "cniMode", Single, "", "", "", "", ignore},
    {"state-dir", "", Single, "PATH", "/run/meshdns-redirect", "where the lock and the record of an install are", "",
     MESHDNS_SET(store(o.state_folder, Value<std::string>(last(v))))},
    {"firewalld-dir", "", Single, "PATH", "/etc/firewalld", "where --store-firewalld writes direct.xml", "",
     MESHDNS_SET(store(o.firewalld_folder, Value<std::string>(last(v))))},

    {"ebpf-enabled", "ebpf.enabled", Switch, "", "false", "not available yet", "",
     MESHDNS_SET(store(o.ebpf, parse_bool(last(v))))},
    {"ebpf-instance-ip", "ebpf.instanceIP", Single, "IP", "", "no effect without eBPF", "", ignore},
    {"", "ebpf.instanceIPEnvVarName", Single, "", "", "", "", ignore},
    {"ebpf-bpffs-path", "ebpf.bpffsPath", Single, "PATH", "", "no effect without eBPF", "", ignore},
    {"ebpf-cgroup-path", "ebpf.cgroupPath", Single, "PATH", "", "no effect without eBPF", "", ignore},
    {"ebpf-tc-attach-iface", "ebpf.tcAttachIface", Single, "NAME", "", "no effect without eBPF", "", ignore},
    {"ebpf-programs-source-path", "ebpf.programsSourcePath", Single, "PATH", "", "no effect without eBPF", "", ignore},
};

#undef MESHDNS_SET

}  // namespace

std::span<const OptionRow> option_table() {
  return kTable;
}

std::string environment_name(std::string_view path) {
  std::string name = "KUMA_TRANSPARENT_PROXY_";
  const auto is_upper = [&](std::size_t at) {
    return at < path.size() && std::isupper(static_cast<unsigned char>(path[at])) != 0;
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    // A word starts at a capital behind a small letter, or at the last capital of an abbreviation; but the
    // plural of one (`UIDs`) is one word.
    const bool plural = path.substr(i + 1) == "s";
    if (i > 0 && is_upper(i) && path[i - 1] != '.' &&
        (!is_upper(i - 1) || (i + 1 < path.size() && !is_upper(i + 1) && !plural))) {
      name += '_';
    }
    const char letter = path[i] == '.' || path[i] == '-' ? '_' : path[i];
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return name;
}

Result<void> check(const Options& options) {
  if (options.dns_by_flag && options.all_dns_by_flag) {
    return fail(Errc::InvalidConfig,
                "one of --redirect-dns or --redirect-all-dns-traffic should be specified");
  }
  if (options.ebpf) {
    return fail(Errc::InvalidConfig, "--ebpf-enabled is not available yet, use --backend nftables");
  }
  if (options.store_firewalld && options.spec.backend == RedirectSpec::Backend::Nftables) {
    return fail(
        Errc::InvalidConfig,
        "--store-firewalld keeps iptables rules, use it with --backend iptables; rules of nftables are "
        "brought back at boot by the systemd unit");
  }
  if (const auto checked = check_executables(options.executables); !checked) {
    return fail(Errc::InvalidConfig, checked.error());
  }
  return {};
}

}  // namespace meshdns::redirect
