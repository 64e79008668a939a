// iptables_plan(): the rules of one family as `kumactl install transparent-proxy` makes them, one for one and
// in its order; beside them one for each virtual network. Pure.
#pragma once

#include "redirect/plan/host_facts.hpp"
#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

// Kuma's names. Rules of chains whose name starts so belong to a mesh, ours or Kuma's.
inline constexpr std::string_view kKumaChainPrefix = "KUMA_MESH_";
inline constexpr std::string_view kDockerChain = "DOCKER_OUTPUT";

// `family` is Ipv4 or Ipv6. Errors: InvalidConfig, when `facts` rule out what `spec` asks for.
Result<Plan> iptables_plan(const RedirectSpec& spec, const IptablesFacts& facts, Family family);

}  // namespace meshdns::redirect
