#include "redirect/host/exempt_user.hpp"

#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <pwd.h>

namespace meshdns::redirect {
namespace {

constexpr std::uint32_t kKumaUid = 5678;
constexpr const char* kKumaUser = "kuma-dp";

std::optional<std::uint32_t> as_number(const std::string& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // The highest number is "no user" to the kernel.
  if (error != std::errc() || end != text.data() + text.size() ||
      number == std::numeric_limits<std::uint32_t>::max()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

Result<std::uint32_t> exempt_uid(const std::string& user) {
  if (user.empty()) {
    if (getpwuid(kKumaUid) != nullptr) {
      return kKumaUid;
    }
    if (const passwd* entry = getpwnam(kKumaUser)) {
      return entry->pw_uid;
    }
    return fail(
        Errc::InvalidConfig,
        fmt::format("no UID or username provided, and user with the default UID ('{}') or username ('{}') "
                    "could not be found: name the user that runs kuma-dp and meshdns with --kuma-dp-user",
                    kKumaUid, kKumaUser));
  }
  if (const passwd* entry = getpwnam(user.c_str())) {
    return entry->pw_uid;
  }
  if (const auto number = as_number(user)) {
    return *number;
  }
  return fail(
      Errc::InvalidConfig,
      fmt::format("the specified UID or username ('{}') does not refer to a valid user on the host", user));
}

}  // namespace meshdns::redirect
