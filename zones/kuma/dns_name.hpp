// What Kuma accepts as a host name. Three checks, because its kinds differ.
#pragma once

#include <string_view>

namespace meshdns::kuma {

// VirtualOutbound: letters, digits, `_` and `-`, labels of at most 63 that do not begin with `-`; one final
// `.` or `_`; at most 255 octets without dots; not an IP address (asaskevich/govalidator IsDNSName).
bool is_dns_name(std::string_view text);

// HostnameGenerator: RFC 1123 subdomain as Kubernetes checks it, lower case, at most 253 octets.
bool is_rfc1123_subdomain(std::string_view text);

// Generated MeshService: RFC 1035 label, lower case, at most 63 octets.
bool is_rfc1035_label(std::string_view text);

}  // namespace meshdns::kuma
