#include "dns/app/socket_activation.hpp"

#include <charconv>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace meshdns::app {
namespace {

constexpr int kFirstDescriptor = STDERR_FILENO + 1;
constexpr int kMaxDescriptors = 4096;  // a typing error, not a number of sockets

// Empty: absent.
std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::optional<int> number(const std::string& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && value >= 0;
  return is_number ? std::optional(value) : std::nullopt;
}

}  // namespace

Result<std::vector<int>> take_passed_descriptors() {
  const std::string pid = take_variable("LISTEN_PID");
  const std::string count = take_variable("LISTEN_FDS");
  take_variable("LISTEN_FDNAMES");  // a socket is known by its address here
  if (pid.empty() || count.empty()) {
    return {};
  }
  const auto process = number(pid);
  const auto descriptors = number(count);
  if (!process || !descriptors || *descriptors > kMaxDescriptors) {
    return fail(Errc::InvalidConfig,
                fmt::format("LISTEN_PID is '{}' and LISTEN_FDS is '{}', expected two numbers", pid, count));
  }
  std::vector<int> passed(*process == ::getpid() ? static_cast<std::size_t>(*descriptors) : 0);
  std::iota(passed.begin(), passed.end(), kFirstDescriptor);
  for (const int descriptor : passed) {  // now: later the number may be one of ours
    if (::fcntl(descriptor, F_GETFD) < 0) {
      return fail(Errc::InvalidConfig,
                  fmt::format("LISTEN_FDS is {}, but descriptor {} is not open", count, descriptor));
    }
  }
  return passed;
}

}  // namespace meshdns::app
