#include "dns/server/internal_errors.hpp"

#include <chrono>
#include <exception>
#include <string_view>

#include <fmt/format.h>

namespace meshdns::server {
namespace {

constexpr std::chrono::minutes kLogInterval{1};

}  // namespace

InternalErrors::InternalErrors(base::Counters& counters, LogSink& log)
    : counters_(counters), log_(log, kLogInterval) {}

void InternalErrors::report() noexcept {
  counters_.internal_errors.add();
  const auto log = [this](std::string_view what) {
    log_.log(LogLevel::Error, "internal",
             fmt::format("internal error, a query has no answer because of it: {}", what));
  };
  try {
    try {
      throw;
    } catch (const std::exception& error) {
      log(error.what());
    } catch (...) {
      log("not an exception");
    }
  } catch (...) {  // NOLINT(bugprone-empty-catch): there may be no memory for a line
  }
}

}  // namespace meshdns::server
