#include "dns/corefile/reference.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "dns/corefile/directives.hpp"

namespace meshdns::corefile {
namespace {

constexpr std::string_view kPrelude = R"(# Corefile reference

<!-- Generated from the table in dns/corefile/directives.hpp; corefile_test with MESHDNS_REGENERATE=1 rewrites it. -->

A Corefile is a list of server blocks: zones, then what to do for names below them. The block with the longest
matching zone takes a query.

```
ZONE... {
    DIRECTIVE ARGUMENT... {
        OPTION ARGUMENT...
    }
}
```

- **ZONE** is `[dns://]name[:port]`; `.` is every name. Without a port: the one of `-dns.port`, else 53. `10.0.0.0/24`
  and `2001:db8::/32` stand for their reverse zones. Encrypted schemes (`tls://`, `https://`, ...) are not supported.
  A file with one block may leave the braces out.
- Words are separated by blanks; `"..."` keeps blanks together (`\"` inside for a quote); `#` begins a comment.
  `{` is the last word of its line, `}` stands on a line of its own.
- `{$NAME}` and `{%NAME%}` become the value of an environment variable.
- `(name) { ... }` declares a snippet; `import name` puts its content in place. `import PATTERN` does the same with files
  (one `*` and one `?` at most), relative to the folder of the file it stands in.
- The order of directives in a block does not matter, but for several lines of `forward`, `template` or `file`: the first
  that fits is used.

)";

void write_directive(std::string& out, const Directive& directive) {
  auto end = std::back_inserter(out);
  fmt::format_to(end, "## {}\n\n`{} {}`{}\n\n{}\n\n", directive.name, directive.name,
                 directive.arguments.form, directive.repeatable ? ", may be repeated" : "", directive.help);
  if (directive.options.empty()) {
    return;
  }
  out += "| option | default | meaning |\n|---|---|---|\n";
  for (const auto& option : directive.options) {
    std::string form(option.arguments.form);
    for (auto at = form.find('|'); at != std::string::npos; at = form.find('|', at + 2)) {
      form.insert(at, "\\");
    }
    fmt::format_to(end, "| `{}{}{}` | {} | {} |\n", option.name, form.empty() ? "" : " ", form,
                   option.default_value, option.help);
  }
  out += "\n";
}

}  // namespace

std::string reference_text() {
  std::string out(kPrelude);
  auto directives = std::vector(all_directives().begin(), all_directives().end());
  std::ranges::sort(directives, {}, &Directive::name);
  for (const auto* directive : directives) {
    write_directive(out, *directive);
  }
  out.pop_back();
  return out;
}

}  // namespace meshdns::corefile
