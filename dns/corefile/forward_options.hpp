// The options of `forward`; directive_forward.cpp has their names and what they mean.
#pragma once

#include "dns/corefile/directives.hpp"

namespace meshdns::corefile {

Result<void> apply_policy(const Statement& statement, BlockDraft& draft);
Result<void> apply_except(const Statement& statement, BlockDraft& draft);
Result<void> apply_force_tcp(const Statement& statement, BlockDraft& draft);
Result<void> apply_prefer_udp(const Statement& statement, BlockDraft& draft);
Result<void> apply_trust_ad(const Statement& statement, BlockDraft& draft);
Result<void> apply_mark(const Statement& statement, BlockDraft& draft);
Result<void> apply_max_rate(const Statement& statement, BlockDraft& draft);
Result<void> apply_tls(const Statement& statement, BlockDraft& draft);
Result<void> apply_tls_servername(const Statement& statement, BlockDraft& draft);
Result<void> apply_source_address(const Statement& statement, BlockDraft& draft);
Result<void> apply_expire(const Statement& statement, BlockDraft& draft);
Result<void> apply_max_age(const Statement& statement, BlockDraft& draft);
Result<void> apply_max_idle_conns(const Statement& statement, BlockDraft& draft);
Result<void> apply_read_timeout(const Statement& statement, BlockDraft& draft);
Result<void> apply_max_connect_attempts(const Statement& statement, BlockDraft& draft);
Result<void> apply_max_fails(const Statement& statement, BlockDraft& draft);
Result<void> apply_fail_fast(const Statement& statement, BlockDraft& draft);
Result<void> apply_health_check(const Statement& statement, BlockDraft& draft);
Result<void> apply_max_concurrent(const Statement& statement, BlockDraft& draft);
Result<void> apply_failover(const Statement& statement, BlockDraft& draft);
Result<void> apply_next(const Statement& statement, BlockDraft& draft);
Result<void> apply_next_on_nodata(const Statement& statement, BlockDraft& draft);
Result<void> apply_relay_updates(const Statement& statement, BlockDraft& draft);
Result<void> apply_resolver(const Statement& statement, BlockDraft& draft);

}  // namespace meshdns::corefile
