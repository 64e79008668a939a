// Plan to kernel through libnftables, in process. The only file that knows libnftables is
// nftables_backend.cpp.
//
// Each call needs CAP_NET_ADMIN in the network namespace of the caller. Not thread-safe.
// Errors of all: NotPermitted, Unsupported, Internal.
#pragma once

#include <optional>
#include <string>

#include <meshdns/result.hpp>

#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

// Replaces our table in one transaction, then reads it back: if a rule is not there, what stood before is
// restored.
Result<void> apply_nftables(const Plan& plan);

// Succeeds when there is nothing to remove.
Result<void> remove_nftables();

// Our table as the kernel lists it, with counters; nothing when it is not there.
Result<std::optional<std::string>> list_nftables();

}  // namespace meshdns::redirect
