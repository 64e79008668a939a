// PluginOptions: what a server block does besides its mesh zone, its cache and its upstreams: one member for
// each directive, absent where the block does not have it. Plain data.
#pragma once

namespace meshdns {

struct PluginOptions {
  bool any = false;  // queries of type ANY get a minimal answer (RFC 8482)
};

}  // namespace meshdns
