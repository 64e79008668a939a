// PluginOptions: what a server block does besides its mesh zone, its cache and its upstreams: one member for
// each directive, absent where the block does not have it. Plain data.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <meshdns/answer_options.hpp>
#include <meshdns/rewriting_options.hpp>

namespace meshdns {

struct PluginOptions {
  std::optional<std::chrono::milliseconds> cancel;  // after it the client gets SERVFAIL
  std::optional<std::string> nsid;                  // for clients that ask which server this is (RFC 5001)
  std::optional<std::size_t> bufsize;               // 512..4096: the largest response over UDP, in octets
  std::optional<Dns64Options> dns64;
  std::optional<LocalOptions> local;
  bool any = false;  // queries of type ANY get a minimal answer (RFC 8482)
  std::optional<ChaosOptions> chaos;
  std::optional<LoadbalanceOptions> loadbalance;
  std::vector<RewriteOptions> rewrite;  // tried in this order
  std::vector<AclOptions> acl;          // tried in this order
  std::optional<HeaderOptions> header;
  bool minimal = false;                    // positive answers have no authority and no additional section
  std::vector<TemplateOptions> templates;  // the first that fits answers
  std::optional<HostsOptions> hosts;
  std::vector<FileOptions> file;
  std::optional<FilterOptions> filter;
  bool whoami = false;  // tells clients who they are where nothing else answers
};

}  // namespace meshdns
