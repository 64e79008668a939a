// Rules in firewalld's direct.xml, which bring ours back when firewalld starts or reloads.
#pragma once

#include <optional>
#include <string>

#include <meshdns/result.hpp>

namespace meshdns::redirect {

// Adds rules, as iptables_text() writes them with comments, to what `folder`/direct.xml says, in place of
// ours from an earlier time. Whatever others wrote stays. Errors: FileUnreadable, NotPermitted, Internal.
Result<void> store_in_firewalld(const std::string& folder, const std::string& ipv4, const std::string& ipv6);

// Succeeds when there are none. A file that holds nothing else goes as well.
Result<void> remove_from_firewalld(const std::string& folder);

// firewalld in its default configuration rejects redirected IPv6 packets: says so and what to do, or nothing.
std::optional<std::string> firewalld_ipv6_trap(const std::string& folder);

}  // namespace meshdns::redirect
