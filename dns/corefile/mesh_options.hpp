// The options of `mesh` that say how Kuma's control plane is configured; directive_mesh.cpp has the others.
#pragma once

#include <string_view>

#include "dns/corefile/directives.hpp"

namespace meshdns::corefile {

Result<void> apply_mesh_name(const Statement& statement, BlockDraft& draft);
Result<void> apply_dataplane(const Statement& statement, BlockDraft& draft);
Result<void> apply_dataplane_var(const Statement& statement, BlockDraft& draft);
Result<void> apply_domain(const Statement& statement, BlockDraft& draft);
Result<void> apply_zone(const Statement& statement, BlockDraft& draft);
Result<void> apply_service_vips(const Statement& statement, BlockDraft& draft);
Result<void> apply_default_generators(const Statement& statement, BlockDraft& draft);
Result<void> apply_prefer(const Statement& statement, BlockDraft& draft);
Result<void> apply_ipv6_mapped(const Statement& statement, BlockDraft& draft);
Result<void> apply_cidr(const Statement& statement, BlockDraft& draft);
Result<void> apply_state(const Statement& statement, BlockDraft& draft);

// The one argument, `first` or `second`: true for the first one.
Result<bool> one_of(const Statement& statement, std::string_view first, std::string_view second);

}  // namespace meshdns::corefile
