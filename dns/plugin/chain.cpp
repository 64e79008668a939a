#include "dns/plugin/chain.hpp"

#include "dns/plugin/acl.hpp"
#include "dns/plugin/any.hpp"
#include "dns/plugin/dns64.hpp"
#include "dns/plugin/header.hpp"
#include "dns/plugin/loadbalance.hpp"
#include "dns/plugin/minimal.hpp"
#include "dns/plugin/nsid.hpp"
#include "dns/plugin/rewrite_rules.hpp"

namespace meshdns::plugin {

std::vector<std::string> watched_by_chain(const BlockOptions& /*block*/) {
  return {};
}

Result<std::shared_ptr<const Chain>> make_chain(const BlockOptions& block) {
  const PluginOptions& options = block.plugins;
  auto chain = std::make_shared<Chain>();
  chain->time_limit = options.cancel;
  chain->max_udp = options.bufsize;
  if (options.dns64) {
    chain->synthesis = std::make_unique<Dns64>(*options.dns64);
  }
  if (options.any) {
    chain->before_rewrite.push_back(std::make_unique<Any>());
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
