// Which user is spared from the redirect.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <meshdns/result.hpp>

namespace meshdns::redirect {

// `user` is a name or a number. Without one: 5678 if such a user exists, else the user `kuma-dp`, as kumactl
// does. Errors: InvalidConfig.
Result<std::uint32_t> exempt_uid(const std::string& user);

}  // namespace meshdns::redirect
