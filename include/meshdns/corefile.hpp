// Reading a Corefile: CoreDNS's configuration language to ServerOptions. Directives and their options are
// described in dns/corefile/REFERENCE.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

namespace meshdns {

struct CorefileDefaults {
  std::uint16_t dns_port = 53;  // for zones that name none (`-dns.port`)
};

struct Corefile {
  ServerOptions options;
  std::vector<std::string> warnings;
};

// Error text is CoreDNS's: `FILE:LINE - Error during parsing: ...`.
Result<Corefile> load_corefile(const std::string& path, const CorefileDefaults& defaults = {});

// The same for text that is already in memory; relative imports are taken from the current folder.
Result<Corefile> parse_corefile(std::string_view text, const std::string& file_name,
                                const CorefileDefaults& defaults = {});

}  // namespace meshdns
