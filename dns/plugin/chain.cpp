#include "dns/plugin/chain.hpp"

#include "dns/plugin/any.hpp"

namespace meshdns::plugin {

std::vector<std::string> watched_by_chain(const BlockOptions& /*block*/) {
  return {};
}

Result<std::shared_ptr<const Chain>> make_chain(const BlockOptions& block) {
  const PluginOptions& options = block.plugins;
  auto chain = std::make_shared<Chain>();
  if (options.any) {
    chain->before_rewrite.push_back(std::make_unique<Any>());
  }
  return chain->is_empty() ? nullptr : std::shared_ptr<const Chain>(std::move(chain));
}

}  // namespace meshdns::plugin
