// Negative answers: with a SOA, so that clients can cache them (RFC 2308), as those of the mesh zone are.
#pragma once

#include <cstdint>

#include <meshdns/domain_name.hpp>

#include "dns/plugin/source.hpp"

namespace meshdns::plugin {

inline constexpr std::uint32_t kNegativeTtl = 5;  // seconds

// A SOA of ours for `zone`.
void write_soa(wire::ResponseWriter& out, wire::Section section, const DomainName& zone);

// The whole answer: `rcode` is NoError or NXDomain.
Verdict answer_negative(wire::ResponseWriter& out, const DomainName& zone, std::uint16_t rcode);

}  // namespace meshdns::plugin
