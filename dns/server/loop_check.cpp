#include "dns/server/loop_check.hpp"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "dns/server/server_label.hpp"

namespace meshdns::server {
namespace {

// In CoreDNS's words.
std::string why(const BlockOptions& block, const SocketAddress& upstream, const Listening& listening) {
  std::string here;
  for (const SocketAddress& address : block.listen) {
    if (const auto actual = listening.find(address); here.empty() && actual != listening.end()) {
      here = server_label(actual->second).substr(std::string_view("dns://").size());
    }
  }
  return fmt::format(
      "plugin/loop: Loop ({} -> {}) detected for zone \"{}\", see "
      "https://coredns.io/plugins/loop#troubleshooting",
      upstream.to_string(), here, zone_label(block.zones.front()));
}

}  // namespace

void LoopCheck::begin(const ServerOptions& options, const forward::ForwardPlan& plan,
                      const Listening& listening, Clock::time_point now) {
  std::string already;
  {
    const std::lock_guard lock(mutex_);
    end_ = now + kTime;
    for (const forward::Pool& pool : plan.pools) {
      const BlockOptions& block = options.blocks[pool.block];
      if (!block.loop) {
        continue;
      }
      for (const forward::Upstream& upstream : pool.upstreams) {
        why_.emplace(upstream.address, why(block, upstream.address, listening));
      }
      if (!pool.ourselves.empty()) {
        already = why(block, pool.ourselves.front(), listening);
      }
    }
    for (const SocketAddress& upstream : std::exchange(early_, {})) {
      if (const auto watched = why_.find(upstream); watched != why_.end()) {
        already = watched->second;
      }
    }
  }
  if (!already.empty()) {
    tell(already);
  }
}

void LoopCheck::found(const SocketAddress& upstream, Clock::time_point now) {
  std::string reason;
  {
    const std::lock_guard lock(mutex_);
    if (!end_) {  // workers may be faster
      early_.insert(upstream);
      return;
    }
    const auto watched = why_.find(upstream);
    if (watched == why_.end() || now > *end_) {
      return;
    }
    reason = watched->second;
  }
  tell(reason);
}

void LoopCheck::tell(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(has_told_, true)) {
      return;
    }
  }
  if (tell_) {
    tell_(why);
  } else {
    log_(LogLevel::Error, why);
  }
}

}  // namespace meshdns::server
