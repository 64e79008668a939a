#include "dns/app/check.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "dns/app/dry_run.hpp"
#include "dns/app/zone_table.hpp"
#include "dns/app/zone_vips.hpp"
#include "dns/inspect/zone_words.hpp"
#include "dns/plugin/address_filter.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::app {
namespace {

std::string names(const std::vector<DomainName>& zones) {
  std::string text;
  for (const DomainName& zone : zones) {
    text += (text.empty() ? "" : " ") + zone_text(zone);
  }
  return text;
}

void print_allocations(const MeshZone& zone) {
  for (const VipUsage& usage : zone.vips) {
    if (usage.used != 0 || usage.left_out != 0) {
      fmt::print("    virtual IPs {}: {}\n", inspect::range_text(usage), usage_text(usage));
    }
  }
  const std::string left_out = left_out_text(zone, "      ");
  if (!left_out.empty()) {
    fmt::print("    left out, because all virtual IPs are taken:\n{}", left_out);
  }
}

void print_search(const answer::SearchPolicy& search) {
  if (!search.suffixes.empty()) {
    fmt::print("    search {} for its names with {} behind them\n", search.is_alias ? "cname" : "nxdomain",
               names(search.suffixes));
  }
}

void print_mesh(const MeshOptions& mesh, const MeshZone& zone, const answer::AnswerTable& table) {
  std::string paths;
  bool is_watched = false;
  for (const std::string& path : mesh.source.paths) {
    paths += " " + path;
    is_watched |= mesh.reload && path != kBuiltinDemoZone && !is_remote_zone(path);
  }
  fmt::print("  mesh{}\n    {} names, owns {}{}\n", paths, table.name_count(), names(zone.owns),
             is_watched ? ", reloaded when the files change" : "");
  for (const std::string& path : remote_paths(mesh.source)) {
    fmt::print("    {}: fetched while serving, every {:g} s\n", path,
               std::chrono::duration<double>(mesh.poll_interval).count());
  }
  if (mesh.ent_nxdomain) {
    fmt::print("    ent nxdomain\n");
  }
  print_search(table.search());
  print_allocations(zone);
  if (zone.conflict_count != 0) {
    fmt::print("    {} conflict{}, listed by `meshdns zone show`\n", zone.conflict_count,
               zone.conflict_count == 1 ? "" : "s");
  }
}

std::string upstreams_text(const std::vector<UpstreamSource>& to, const forward::Pool& pool) {
  std::string upstreams;
  for (const forward::Upstream& upstream : pool.upstreams) {
    upstreams += (upstream.tls ? " tls://" : " ") + upstream.address.to_string();
  }
  std::string from;
  for (const UpstreamSource& source : to) {
    if (const auto* file = std::get_if<ResolvConf>(&source)) {
      from += (from.empty() ? " (from " : ", ") + file->path;
    } else if (const auto* host = std::get_if<UpstreamHost>(&source)) {
      from += (from.empty() ? " (from " : ", ") + host->name.to_string();
    }
  }
  return (upstreams.empty() ? " nobody" : upstreams) + from + (from.empty() ? "" : ")");
}

void print_forward(const ForwardOptions& forward, const forward::Pool& pool) {
  fmt::print("  forward {} to{}\n", zone_text(forward.from), upstreams_text(forward.to, pool));
  if (!forward.except.empty()) {
    fmt::print("    except {}\n", names(forward.except));
  }
  if (forward.trust_ad) {
    fmt::print("    trust_ad\n");
  }
  if (forward.mark != 0) {
    fmt::print("    mark {:#x}\n", forward.mark);
  }
  if (forward.max_rate.per_second != 0) {
    fmt::print("    max_rate {} {}\n", forward.max_rate.per_second, forward.max_rate.burst);
  }
  if (forward.relay_updates) {
    fmt::print("    relay_updates\n");
  }
}

void print_alternate(const AlternateOptions& alternate, const forward::Pool& pool) {
  std::string codes;
  for (const std::uint16_t rcode : alternate.rcodes) {
    codes += (codes.empty() ? "" : ",") + wire::rcode_text(rcode);
  }
  fmt::print("  alternate {} to{}\n", codes, upstreams_text(alternate.to, pool));
}

void print_cache(const CacheOptions& cache) {
  fmt::print("  cache {}\n", cache.zones.empty() ? "for all names" : "for " + names(cache.zones));
  fmt::print("    positive answers for up to {} s, denials for up to {} s\n", cache.success.max_ttl.count(),
             cache.denial.max_ttl.count());
  if (cache.stale) {
    fmt::print("    stale answers for {} s, {}\n",
               std::chrono::floor<std::chrono::seconds>(cache.stale->max_age).count(),
               cache.stale->asks_first ? "when no upstream answers" : "while an upstream is asked");
  }
}

std::string count_text(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// What changes queries or responses on their way, outermost first.
void print_changes(const PluginOptions& options) {
  if (options.cancel) {
    fmt::print("  cancel after {:g} s\n", std::chrono::duration<double>(*options.cancel).count());
  }
  if (options.nsid) {
    fmt::print("  nsid\n");
  }
  if (options.bufsize) {
    fmt::print("  bufsize {}\n", *options.bufsize);
  }
  if (options.dns64) {
    fmt::print("  dns64 {}\n", options.dns64->prefix.to_string());
  }
  if (options.loadbalance) {
    fmt::print("  loadbalance{}{}\n", options.loadbalance->weights.empty() ? "" : " weighted ",
               options.loadbalance->weights);
  }
  if (!options.rewrite.empty()) {
    fmt::print("  rewrite by {}\n", count_text(options.rewrite.size(), "rule"));
  }
  for (const AclOptions& acl : options.acl) {
    fmt::print("  acl {}{}\n", acl.zones.empty() ? "" : names(acl.zones) + ": ",
               count_text(acl.rules.size(), "line"));
  }
  if (options.header) {
    fmt::print("  header\n");
  }
  if (options.minimal) {
    fmt::print("  minimal\n");
  }
}

// Directives that answer by themselves, in the order in which they are asked.
void print_sources(const PluginOptions& plugins) {
  if (plugins.local) {
    fmt::print("  local\n");
  }
  if (plugins.any) {
    fmt::print("  any\n");
  }
  if (plugins.chaos) {
    fmt::print("  chaos\n");
  }
  for (const TemplateOptions& options : plugins.templates) {
    fmt::print("  template {} {}{}\n", wire::class_text(options.qclass), wire::type_text(options.qtype),
               options.zones.empty() ? "" : " " + names(options.zones));
  }
  if (plugins.hosts) {
    fmt::print("  hosts {}{}\n", plugins.hosts->path,
               plugins.hosts->reload ? ", reloaded when it changes" : "");
  }
  for (const FileOptions& file : plugins.file) {
    fmt::print("  file {}{}{}\n", file.path, file.zones.empty() ? "" : " for " + names(file.zones),
               file.reload ? ", reloaded when it changes" : "");
  }
  if (plugins.whoami) {
    fmt::print("  whoami\n");
  }
}

std::string addresses_text(const std::vector<SocketAddress>& addresses) {
  std::string text;
  for (const SocketAddress& address : addresses) {
    text += (text.empty() ? "" : ", ") + address.to_string();
  }
  return text;
}

double seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

bool has(const BlockOptions& block, std::string_view directive) {
  return std::ranges::find(block.directives, directive) != block.directives.end();
}

// What operators see of the server, over HTTP.
void print_pages(const BlockOptions& block, const ServerOptions& server) {
  if (block.prometheus) {
    fmt::print("  prometheus on {}\n", addresses_text(block.prometheus->listen));
  }
  if (block.health) {
    fmt::print("  health on {}", addresses_text(block.health->listen));
    if (block.health->lameduck.count() != 0) {
      fmt::print(", lameduck {:g} s", seconds(block.health->lameduck));
    }
    fmt::print("\n");
  }
  if (block.ready) {
    fmt::print("  ready on {}\n", addresses_text(block.ready->listen));
  }
  if (server.admin && has(block, "admin")) {
    fmt::print("  admin on {}\n", addresses_text(server.admin->listen));
  }
}

// What is said of the whole server in one of its blocks.
void print_server(const BlockOptions& block, const ServerOptions& server) {
  if (server.reload && has(block, "reload")) {
    fmt::print("  reload every {:g} s\n", seconds(server.reload->interval));
  }
  if (server.debug && has(block, "debug")) {
    fmt::print("  debug\n");
  }
}

void print_block(const DryRun& run, std::size_t index) {
  const BlockOptions& block = run.options.blocks[index];
  fmt::print("{}: {} on {}\n", location_text(block.where), names(block.zones), listen_text(block));
  print_changes(block.plugins);
  if (block.mesh) {
    print_mesh(*block.mesh, *run.snapshot->blocks[index].zone, *run.snapshot->blocks[index].mesh);
  }
  if (block.cache) {
    print_cache(*block.cache);
  }
  print_sources(block.plugins);
  if (block.plugins.filter) {
    fmt::print("  {}\n", plugin::AddressFilter(*block.plugins.filter).text());
  }
  for (std::size_t f = 0; f < block.forward.size(); ++f) {
    print_forward(block.forward[f], run.snapshot->plan->pools[run.snapshot->plan->pool_of(index, f)]);
  }
  for (std::size_t a = 0; a < block.alternate.size(); ++a) {
    print_alternate(block.alternate[a],
                    run.snapshot->plan->pools[run.snapshot->plan->pool_of(index, block.forward.size() + a)]);
  }
  if (block.loop) {
    fmt::print("  loop\n");
  }
  print_pages(block, run.options);
  print_server(block, run.options);
  if (block.errors) {
    fmt::print("  errors\n");
  }
  for (const LogOptions& log : block.log) {
    fmt::print("  log {}{}{}\n", names(log.zones), log.format.empty() ? "" : " ", log.format);
  }
}

}  // namespace

int check(const CommandLine& command_line) {
  const auto run = dry_run(command_line);
  if (!run) {
    fmt::print(stderr, "{}\n", run.error().what);
    return 1;
  }
  for (const std::string& warning : run->warnings) {
    fmt::print(stderr, "warning: {}\n", warning);
  }
  for (std::size_t index = 0; index < run->options.blocks.size(); ++index) {
    print_block(*run, index);
  }
  fmt::print("The configuration is valid: {} server block{}, {} worker{}.\n", run->options.blocks.size(),
             run->options.blocks.size() == 1 ? "" : "s", run->options.workers,
             run->options.workers == 1 ? "" : "s");
  return 0;
}

}  // namespace meshdns::app
