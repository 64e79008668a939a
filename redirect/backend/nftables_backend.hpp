// Plan to kernel through libnftables, in process. The only file that knows libnftables is
// nftables_backend.cpp.
//
// Each call needs CAP_NET_ADMIN in the network namespace of the caller. Not thread-safe.
// Errors of all: NotPermitted, Unsupported, Internal.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/result.hpp>

#include "redirect/plan/rule.hpp"

namespace meshdns::redirect {

// The kernel has nftables and lets us use it.
Result<void> check_nftables();

// The kernel would take these rules: it is asked, and nothing is changed.
Result<void> try_nftables(const Plan& plan);

// Replaces our table in one transaction, then reads it back; then does what is `last`. If any of it fails,
// what stood before is restored.
Result<void> apply_nftables(const Plan& plan, const std::function<Result<void>()>& last = nullptr);

// Succeeds when there is nothing to remove. Returns whether there was something.
Result<bool> remove_nftables();

enum class Counters : std::uint8_t { Shown, Hidden };

// Our table as the kernel lists it; nothing when it is not there.
Result<std::optional<std::string>> list_nftables(Counters counters = Counters::Shown);

// Tables of iptables-nft, as `ip raw`: those that are there, and the removal of some if they hold nothing but
// the chains that iptables makes by itself.
Result<std::vector<std::string>> list_iptables_tables();
Result<void> remove_empty_iptables_tables(const std::vector<std::string>& tables);

}  // namespace meshdns::redirect
