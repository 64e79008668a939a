// Answers that need nobody else: any.
#include "dns/corefile/directives.hpp"
#include "dns/corefile/fault.hpp"

namespace meshdns::corefile {
namespace {

Result<void> apply_any(const Statement&, BlockDraft& draft) {
  draft.options.plugins.any = true;
  return {};
}

}  // namespace

const Directive kAny = {
    "any",
    {"", 0, 0},
    false,
    "Gives queries of type ANY a minimal answer (RFC 8482): one HINFO record. Names of the mesh have one "
    "anyway.",
    {},
    apply_any,
};

}  // namespace meshdns::corefile
