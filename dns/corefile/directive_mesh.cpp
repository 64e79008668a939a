// Names of the mesh: mesh.
#include <charconv>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"
#include "dns/corefile/duration.hpp"
#include "dns/corefile/fault.hpp"
#include "dns/corefile/mesh_options.hpp"
#include "dns/corefile/zone_key.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::uint32_t kMaxTtl = 86400;
constexpr std::chrono::milliseconds kMinInterval{100};
constexpr std::chrono::milliseconds kMaxInterval{3'600'000};

// What the server would refuse later is refused where it is written.
std::string_view fault_of_path(std::string_view path) {
  if (path.empty()) {
    return "empty path, expected a zone file or folder";
  }
  if (path == "unix:" || path == "http://") {
    return "nothing behind the scheme, expected unix:PATH or http://HOST[:PORT][/PATH]";
  }
  if (path.starts_with("https://")) {
    return "https:// is not supported, expected unix:PATH or http://HOST[:PORT][/PATH]";
  }
  return {};
}

bool is_remote(std::string_view path) {
  return path.starts_with("unix:") || path.starts_with("http://");
}

Result<void> apply_mesh(const Statement& statement, BlockDraft& draft) {
  MeshOptions mesh;
  mesh.where = location_of(statement.words.front());
  for (std::size_t i = 1; i < statement.words.size(); ++i) {
    const Token& word = statement.words[i];
    if (const std::string_view fault = fault_of_path(word.text); !fault.empty()) {
      return parse_error(word, fault);
    }
    mesh.source.paths.push_back(is_remote(word.text) ? word.text : draft.path(word.text));
  }
  draft.options.mesh = std::move(mesh);
  return {};
}

Result<void> apply_owns(const Statement& statement, BlockDraft& draft) {
  const auto zones = parse_zones(statement.words, 1);
  if (!zones) {
    return std::unexpected(zones.error());
  }
  auto& owns = draft.options.mesh->source.owns;
  owns.insert(owns.end(), zones->begin(), zones->end());
  return {};
}

Result<void> apply_ttl(const Statement& statement, BlockDraft& draft) {
  const std::string& word = statement.words[1].text;
  auto& ttl = draft.options.mesh->source.default_ttl_seconds;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), ttl);
  if (failed != std::errc() || end != word.data() + word.size() || ttl < 1 || ttl > kMaxTtl) {
    return parse_error(statement.words[1],
                       fmt::format("invalid ttl '{}', expected seconds, 1..{}", word, kMaxTtl));
  }
  return {};
}

Result<void> apply_reload(const Statement& statement, BlockDraft& draft) {
  const auto on = one_of(statement, "on", "off");
  if (!on) {
    return std::unexpected(on.error());
  }
  draft.options.mesh->reload = *on;
  return {};
}

Result<void> apply_overlay(const Statement& statement, BlockDraft& draft) {
  const auto zones = parse_zones(statement.words, 1);
  if (!zones) {
    return std::unexpected(zones.error());
  }
  auto& overlays = draft.options.mesh->source.overlays;
  overlays.insert(overlays.end(), zones->begin(), zones->end());
  return {};
}

Result<void> apply_interval(const Statement& statement, BlockDraft& draft) {
  const Token& word = statement.words[1];
  const auto interval = parse_duration(word.text);
  if (!interval || *interval < kMinInterval || *interval > kMaxInterval) {
    return parse_error(
        word, fmt::format("invalid interval '{}', expected a duration such as 10s, 100ms..1h", word.text));
  }
  draft.options.mesh->poll_interval = *interval;
  return {};
}

Result<void> apply_last_good(const Statement& statement, BlockDraft& draft) {
  if (statement.words[1].text.empty()) {
    return parse_error(statement.words[1], "empty path, expected a folder");
  }
  draft.options.mesh->last_good = draft.path(statement.words[1].text);
  return {};
}

// A name of the mesh with such a suffix behind it may be the real name of something else.
bool is_taken_for_a_namespace(const DomainName& suffix) {
  return suffix.to_string().starts_with("svc.");
}

Result<void> add_suffix(const Token& word, SearchOptions& search, BlockDraft& draft) {
  if (word.text.starts_with('/')) {
    if (!search.resolv_conf.empty() && search.resolv_conf != word.text) {
      return parse_error(word, fmt::format("'{}' is the second file, expected one at most", word.text));
    }
    search.resolv_conf = word.text;
    return {};
  }
  const auto suffix = DomainName::parse(word.text);
  if (!suffix || suffix->is_root() || suffix->is_wildcard()) {
    return parse_error(word, fmt::format("invalid suffix '{}': {}", word.text,
                                         suffix ? "expected one such as example.com" : suffix.error()));
  }
  if (is_taken_for_a_namespace(*suffix)) {
    draft.warnings.push_back(
        fmt::format("{}:{}: search: '{}' is left out: a.mesh with it behind is the Kubernetes service a of "
                    "the namespace mesh",
                    word.source->name, word.line, word.text));
    return {};
  }
  search.suffixes.push_back(*suffix);
  return {};
}

Result<void> apply_search(const Statement& statement, BlockDraft& draft) {
  const auto nxdomain = one_of(statement, "nxdomain", "cname");
  if (!nxdomain) {
    return std::unexpected(nxdomain.error());
  }
  SearchOptions search;
  search.answer = *nxdomain ? SearchOptions::Answer::NxDomain : SearchOptions::Answer::Cname;
  for (std::size_t i = 2; i < statement.words.size(); ++i) {
    if (auto added = add_suffix(statement.words[i], search, draft); !added) {
      return added;
    }
  }
  if (statement.argument_count() == 1) {
    search.resolv_conf = "/etc/resolv.conf";
  }
  draft.options.mesh->search = std::move(search);
  return {};
}

Result<void> apply_ent(const Statement& statement, BlockDraft& draft) {
  const auto nxdomain = one_of(statement, "nxdomain", "nodata");
  if (!nxdomain) {
    return std::unexpected(nxdomain.error());
  }
  draft.options.mesh->ent_nxdomain = *nxdomain;
  return {};
}

constexpr Option kMeshOptions[] = {
    {"owns",
     {"SUFFIX...", 1},
     "those that the files name and resources imply, else `mesh`",
     "Suffixes that belong to the mesh, in addition to the others: a name below them that no "
     "file has does not exist, and is never asked of anybody else.",
     apply_owns},
    {"overlay",
     {"SUFFIX...", 1},
     "none",
     "Suffixes that do not belong to the mesh although they lie below one that does: what the mesh does not "
     "know of them is forwarded.",
     apply_overlay},
    {"ttl", {"SECONDS", 1, 1}, "30", "Time to live of records whose file gives none, 1..86400.", apply_ttl},
    {"ent",
     {"nxdomain|nodata", 1, 1},
     "nodata",
     "What a name below an owned suffix is that has no records itself, but names below it: `nodata` by RFC "
     "8020; "
     "`nxdomain` where a search list carries the suffix, and a stub would end its search at the first name "
     "that exists.",
     apply_ent},
    {"search",
     {"nxdomain|cname [SUFFIX...|FILE]", 1},
     "none",
     "Answers names that stub resolvers make of a name of the mesh and a suffix of their search list, such "
     "as "
     "`backend.mesh.example.com`, instead of forwarding them: `nxdomain`, so that the stub goes on with the "
     "next one, or "
     "`cname` to the name of the mesh, with its records. Other names below a SUFFIX are forwarded. FILE "
     "(with `/` in "
     "front; `/etc/resolv.conf` where nothing is written) has them in its `search` or `domain` line, and is "
     "read again "
     "when it changes. Suffixes that start with `svc.` are left out: `backend.mesh.svc.cluster.local` is the "
     "service "
     "`backend` of the namespace `mesh`.",
     apply_search},
    {"reload", {"on|off", 1, 1}, "on", "Read the files again when they change.", apply_reload},
    {"interval",
     {"DURATION", 1, 1},
     "10s",
     "How often documents at `unix:` and `http:` are asked for, 100ms..1h.",
     apply_interval},
    {"last_good",
     {"FOLDER", 1, 1},
     "none",
     "Where the last good document of each `unix:` and `http:` PATH is kept; the next start serves it until "
     "a newer one is there.",
     apply_last_good},
    {"mesh",
     {"NAME", 1, 1},
     "every mesh",
     "The mesh whose resources count, where the files hold those of several.",
     apply_mesh_name},
    {"dataplane",
     {"NAME [MESH]", 1, 2},
     "none",
     "Only the names that this Dataplane's `transparentProxying` lets it see.",
     apply_dataplane},
    {"dataplane_var",
     {"KEY VALUE | KEY=VALUE", 1, 2},
     "none",
     "A variable of Mustache templates of Dataplanes, as kuma-dp's `--dataplane-var`. May be repeated.",
     apply_dataplane_var},
    {"domain",
     {"SUFFIX", 1, 1},
     "mesh",
     "Suffix of the names of services (`KUMA_DNS_SERVER_DOMAIN`).",
     apply_domain},
    {"zone", {"NAME", 1, 1}, "default", "Name of the local Kuma zone.", apply_zone},
    {"service_vips",
     {"on|off", 1, 1},
     "on",
     "Names and addresses of `kuma.io/service` (`KUMA_DNS_SERVER_SERVICE_VIP_ENABLED`).",
     apply_service_vips},
    {"default_generators",
     {"on|off", 1, 1},
     "on",
     "The HostnameGenerators that Kuma makes by itself. One of the same name among the resources counts "
     "instead.",
     apply_default_generators},
    {"prefer",
     {"status|computed", 1, 1},
     "status",
     "Whether host names that the control plane wrote into `status.addresses` are used or computed again.",
     apply_prefer},
    {"ipv6_mapped",
     {"on|off", 1, 1},
     "off",
     "Adds the IPv6-mapped form (`::ffff:a.b.c.d`) to IPv4 addresses, as Kuma does.",
     apply_ipv6_mapped},
    {"cidr",
     {"service|mesh_service|mesh_external_service|mesh_multi_zone_service CIDR [CIDR6]", 2, 3},
     "240.0.0.0/4, 241.0.0.0/8, 242.0.0.0/8, 243.0.0.0/8",
     "The range that virtual IPs of this kind are taken from: IPv4, IPv6, or one of each; then a name has an "
     "address of each.",
     apply_cidr},
    {"state",
     {"PATH", 1, 1},
     "none",
     "File that keeps virtual IPs, so that names have the same ones after a restart.",
     apply_state},
};

}  // namespace

const Directive kMesh = {
    "mesh",
    {"PATH...", 1},
    false,
    "Answers the names of mesh zone files. PATH is a file, a folder (its `*.yaml`, `*.yml` and `*.json`), "
    "`unix:PATH` or `http://HOST[:PORT][/PATH]` (Kuma's `/dns` document, asked for again and again), or "
    "`builtin:demo`, a small mesh to play with. A relative PATH starts at the folder that the server was "
    "started in, not at the Corefile's. Until the first document of a socket is there, names that belong to "
    "the mesh wait for it for 2 s, then they fail.",
    kMeshOptions,
    apply_mesh,
};

}  // namespace meshdns::corefile
