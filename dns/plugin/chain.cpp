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

// Of a chain that is made again: what stands in for a source that cannot be.
struct Remake {
  const Chain& in_force;
  std::vector<Error>& faults;
};

// What a directive made of its options becomes the next source, if it could.
template <class T>
Result<void> append(Sources& sources, Result<T> made, const Remake* remake) {
  if (made) {
    sources.push_back(std::make_shared<T>(*std::move(made)));
  } else if (remake != nullptr) {
    sources.push_back(remake->in_force.after_mesh[sources.size()]);
    remake->faults.push_back(std::move(made.error()));
  } else {
    return std::unexpected(std::move(made.error()));
  }
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

// A directive that cannot be made again keeps what `in_force` tells of it, too.
Result<void> append_hosts(Chain& chain, const BlockOptions& block, const Remake* remake) {
  auto hosts = Hosts::read(*block.plugins.hosts, block.zones);
  if (hosts) {
    chain.hosts = hosts->status();
  } else if (remake != nullptr) {
    chain.hosts = remake->in_force.hosts;
  }
  return append(chain.after_mesh, std::move(hosts), remake);
}

// Data that the block has itself: the only sources of its after_mesh.
Result<void> append_local_data(Chain& chain, const BlockOptions& block, const Remake* remake) {
  Sources& sources = chain.after_mesh;
  Result<void> made;
  if (!block.plugins.templates.empty()) {
    made = append(sources, make_templates(block), remake);
  }
  if (made && block.plugins.hosts) {
    made = append_hosts(chain, block, remake);
  }
  for (const FileOptions& file : block.plugins.file) {
    if (made) {
      made = append(sources, ZoneFile::read(file, block.zones), remake);
    }
  }
  return made;
}

// Null: there is no such file.
Result<std::shared_ptr<const WeightTable>> make_weights(const LoadbalanceOptions& options,
                                                        const Remake* remake) {
  if (options.weights.empty()) {
    return nullptr;
  }
  auto table = WeightTable::read(options.weights);
  if (table) {
    return std::make_shared<const WeightTable>(*std::move(table));
  }
  if (remake == nullptr) {
    return std::unexpected(std::move(table.error()));
  }
  remake->faults.push_back(std::move(table.error()));
  return remake->in_force.weights;
}

SpecialNames make_local(const LocalOptions& options, const BlockOptions& block) {
  return {options.localhost_prefix ? SpecialNames::Scope::WithPrefix : SpecialNames::Scope::ThisHost, block};
}

Result<std::shared_ptr<const Chain>> make(const BlockOptions& block, const Remake* remake) {
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
  if (auto made = append_local_data(*chain, block, remake); !made) {
    return std::unexpected(std::move(made.error()));
  }
  if (options.filter) {
    chain->filter.emplace(*options.filter);
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
    auto weights = make_weights(*options.loadbalance, remake);
    if (!weights) {
      return std::unexpected(std::move(weights.error()));
    }
    chain->weights = *std::move(weights);
    chain->filters.push_back(std::make_unique<Loadbalance>(options.loadbalance->prefer, chain->weights));
  }
  if (options.nsid) {
    chain->filters.push_back(std::make_unique<Nsid>(*options.nsid));
  }
  return chain->is_empty() ? nullptr : std::shared_ptr<const Chain>(std::move(chain));
}

}  // namespace

std::vector<std::string> watched_by_chain(const BlockOptions& block) {
  std::vector<std::string> paths;
  if (const auto& hosts = block.plugins.hosts; hosts && hosts->reload) {
    paths.push_back(hosts->path);
  }
  if (const auto& balance = block.plugins.loadbalance;
      balance && balance->reload && !balance->weights.empty()) {
    paths.push_back(balance->weights);
  }
  for (const FileOptions& file : block.plugins.file) {
    if (file.reload) {
      paths.push_back(file.path);
    }
  }
  return paths;
}

Result<std::shared_ptr<const Chain>> make_chain(const BlockOptions& block) {
  return make(block, nullptr);
}

Result<std::shared_ptr<const Chain>> remake_chain(const BlockOptions& block, const Chain& in_force,
                                                  std::vector<Error>& faults) {
  const Remake remake{in_force, faults};
  return make(block, &remake);
}

}  // namespace meshdns::plugin
