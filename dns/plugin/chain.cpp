#include "dns/plugin/chain.hpp"

#include <utility>

#include "dns/plugin/acl.hpp"
#include "dns/plugin/any.hpp"
#include "dns/plugin/chaos.hpp"
#include "dns/plugin/dns64.hpp"
#include "dns/plugin/header.hpp"
#include "dns/plugin/hosts.hpp"
#include "dns/plugin/loadbalance.hpp"
#include "dns/plugin/minimal.hpp"
#include "dns/plugin/nsid.hpp"
#include "dns/plugin/rewrite_rules.hpp"
#include "dns/plugin/special_names.hpp"
#include "dns/plugin/templates.hpp"
#include "dns/plugin/whoami.hpp"
#include "dns/plugin/zone_file.hpp"

namespace meshdns::plugin {
namespace {

// What a directive made of its options becomes the next source, if it could.
template <class T>
Result<void> append(Sources& sources, Result<T> made) {
  if (!made) {
    return std::unexpected(std::move(made.error()));
  }
  sources.push_back(std::make_unique<T>(*std::move(made)));
  return {};
}

Result<Templates> make_templates(const BlockOptions& block) {
  std::vector<TemplateRule> rules;
  for (const TemplateOptions& options : block.plugins.templates) {
    auto rule = TemplateRule::make(options, block.zones);
    if (!rule) {
      return std::unexpected(std::move(rule.error()));
    }
    rules.push_back(*std::move(rule));
  }
  return Templates(std::move(rules));
}

Result<void> append_hosts(Chain& chain, const BlockOptions& block) {
  auto hosts = Hosts::read(*block.plugins.hosts, block.zones);
  if (hosts) {
    chain.hosts = hosts->status();
  }
  return append(chain.after_mesh, std::move(hosts));
}

Result<void> append_local_data(Chain& chain, const BlockOptions& block) {
  Sources& sources = chain.after_mesh;
  Result<void> made;
  if (!block.plugins.templates.empty()) {
    made = append(sources, make_templates(block));
  }
  if (made && block.plugins.hosts) {
    made = append_hosts(chain, block);
  }
  for (const FileOptions& file : block.plugins.file) {
    if (made) {
      made = append(sources, ZoneFile::read(file, block.zones));
    }
  }
  return made;
}

SpecialNames make_local(const LocalOptions& options, const BlockOptions& block) {
  return {options.localhost_prefix ? SpecialNames::Scope::WithPrefix : SpecialNames::Scope::ThisHost, block};
}

}  // namespace

std::vector<std::string> watched_by_chain(const BlockOptions& block) {
  std::vector<std::string> paths;
  if (const auto& hosts = block.plugins.hosts; hosts && hosts->reload) {
    paths.push_back(hosts->path);
  }
  for (const FileOptions& file : block.plugins.file) {
    if (file.reload) {
      paths.push_back(file.path);
    }
  }
  return paths;
}

Result<std::shared_ptr<const Chain>> make_chain(const BlockOptions& block) {
  const PluginOptions& options = block.plugins;
  auto chain = std::make_shared<Chain>();
  chain->time_limit = options.cancel;
  chain->max_udp = options.bufsize;
  if (options.dns64) {
    chain->synthesis = std::make_unique<Dns64>(*options.dns64);
  }
  if (options.local) {
    chain->before_rewrite.push_back(std::make_unique<SpecialNames>(make_local(*options.local, block)));
  }
  if (options.any) {
    chain->before_rewrite.push_back(std::make_unique<Any>());
  }
  if (options.chaos) {
    chain->before_rewrite.push_back(std::make_unique<Chaos>(*options.chaos));
  }
  if (!options.rewrite.empty()) {
    auto rules = RewriteRules::make(options.rewrite);
    if (!rules) {
      return std::unexpected(std::move(rules.error()));
    }
    chain->rewriters.push_back(*std::move(rules));
  }
  if (options.header && (options.header->query.set | options.header->query.clear) != 0) {
    chain->rewriters.push_back(std::make_unique<QueryHeader>(options.header->query));
  }
  if (!options.acl.empty()) {
    chain->before_mesh.push_back(std::make_unique<Acl>(options.acl, block.zones));
  }
  if (auto made = append_local_data(*chain, block); !made) {
    return std::unexpected(std::move(made.error()));
  }
  if (options.whoami) {
    chain->last.push_back(std::make_unique<Whoami>());
  }
  // Filters: the response passes the innermost one first.
  if (options.minimal) {
    chain->filters.push_back(std::make_unique<Minimal>());
  }
  if (options.header && (options.header->response.set | options.header->response.clear) != 0) {
    chain->filters.push_back(std::make_unique<ResponseHeader>(options.header->response));
  }
  if (options.loadbalance) {
    chain->filters.push_back(std::make_unique<Loadbalance>(options.loadbalance->prefer));
  }
  if (options.nsid) {
    chain->filters.push_back(std::make_unique<Nsid>(*options.nsid));
  }
  return chain->is_empty() ? nullptr : std::shared_ptr<const Chain>(std::move(chain));
}

}  // namespace meshdns::plugin
