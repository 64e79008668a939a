// The table of directives: everything that may stand in a server block.
//
// To add one: write its row and its handler in the directive_*.cpp file of its group, and name the row in
// all_directives(). Arguments are counted, options looked up and messages prefixed here, for all of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/corefile/parser.hpp"

namespace meshdns::corefile {

// What `timeouts` says about TCP; it holds for the whole server.
struct ConnectionLimits {
  std::optional<std::chrono::milliseconds> read;
  std::optional<std::chrono::milliseconds> write;
  std::optional<std::chrono::milliseconds> idle;
  std::optional<std::size_t> max_queries;  // 0: no limit
};

// A server block while its directives are read. `options.zones` and `options.listen` are filled in
// afterwards.
struct BlockDraft {
  BlockOptions options;
  bool bound = false;               // `bind` was given
  std::vector<SocketAddress> bind;  // port 0
  std::size_t bind_line = 0;        // index in `bind` of the first address of the `bind` being read
  unsigned workers = 1;
  std::optional<ReloadOptions> reload;
  std::optional<AdminOptions> admin;
  bool debug = false;
  std::string root;  // in front of relative paths; empty: they are as written
  ConnectionLimits connections;
  std::vector<std::string> warnings;

  std::string path(const std::string& written) const;  // below `root`, if it is relative
};

using Handler = Result<void> (*)(const Statement&, BlockDraft&);

// How many words may follow a name.
struct Arguments {
  std::string_view form;  // as the reference prints them: "FROM TO..."
  std::size_t min = 0;
  std::size_t max = std::numeric_limits<std::size_t>::max();
};

// One line inside a directive's braces.
struct Option {
  std::string_view name;
  Arguments arguments;
  std::string_view default_value;
  std::string_view help;
  Handler apply;
};

struct Directive {
  std::string_view name;
  Arguments arguments;
  bool repeatable;
  std::string_view help;
  std::span<const Option> options;
  Handler apply;                  // called before the options are
  Handler apply_other = nullptr;  // a line in braces that is no option; without it, that is a fault
};

// In the order in which a query meets them, whatever their order in the file.
std::span<const Directive* const> all_directives();

// Reads the directives of one server block.
Result<BlockDraft> apply_directives(const ServerBlock& block);

// The rows, each in the file of its group.
extern const Directive kRoot;         // directive_server.cpp
extern const Directive kMetadata;     // directive_server.cpp
extern const Directive kCancel;       // directive_server.cpp
extern const Directive kTimeouts;     // directive_server.cpp
extern const Directive kMultisocket;  // directive_listen.cpp
extern const Directive kReload;       // directive_admin.cpp
extern const Directive kNsid;         // directive_responses.cpp
extern const Directive kBufsize;      // directive_responses.cpp
extern const Directive kBind;         // directive_listen.cpp
extern const Directive kDebug;        // directive_log.cpp
extern const Directive kReady;        // directive_admin.cpp
extern const Directive kHealth;       // directive_admin.cpp
extern const Directive kPrometheus;   // directive_admin.cpp
extern const Directive kAdmin;        // directive_admin.cpp
extern const Directive kErrors;       // directive_log.cpp
extern const Directive kLog;          // directive_log.cpp
extern const Directive kLocal;        // directive_answers.cpp
extern const Directive kDns64;        // directive_dns64.cpp
extern const Directive kAny;          // directive_answers.cpp
extern const Directive kChaos;        // directive_answers.cpp
extern const Directive kLoadbalance;  // directive_responses.cpp
extern const Directive kRewrite;      // directive_rewrite.cpp
extern const Directive kAcl;          // directive_acl.cpp
extern const Directive kHeader;       // directive_responses.cpp
extern const Directive kMinimal;      // directive_responses.cpp
extern const Directive kMesh;         // directive_mesh.cpp
extern const Directive kCache;        // directive_cache.cpp
extern const Directive kTemplate;     // directive_template.cpp
extern const Directive kHosts;        // directive_hosts.cpp
extern const Directive kFile;         // directive_file.cpp
extern const Directive kFilter;       // directive_filter.cpp
extern const Directive kAlternate;    // directive_alternate.cpp
extern const Directive kLoop;         // directive_server.cpp
extern const Directive kForward;      // directive_forward.cpp
extern const Directive kWhoami;       // directive_answers.cpp

}  // namespace meshdns::corefile
