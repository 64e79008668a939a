// What Envoy's DNS filter, as Kuma up to 2.14 configures it, answers for a table with the one name
// `backend.mesh`. Facts: envoy's source/extensions/filters/udp/dns_filter/dns_parser.cc.
#pragma once

#include "tests/support/scripted_upstream.hpp"

namespace meshdns::test {

enum class FilterFamilies : std::uint8_t { Ipv4Only, DualStack };

// Over UDP only: give ScriptedUpstream `with_tcp` false.
support::ScriptedUpstream::Script envoy_dns_filter(FilterFamilies families);

}  // namespace meshdns::test
