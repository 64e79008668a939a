#include "dns/server/error_log.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dns/wire/presentation.hpp"

namespace meshdns::server {
namespace {

constexpr std::chrono::milliseconds kSlowestPace{1'000};
constexpr std::chrono::milliseconds kFastestPace{50};

// As Go prints durations: 30s, 1m30s, 100ms.
std::string duration_text(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 1000) {
    return fmt::format("{}ms", ms);
  }
  const auto minutes = ms / 60'000;
  const std::string hours_text = minutes < 60 ? "" : fmt::format("{}h", minutes / 60);
  const std::string minutes_text = minutes == 0 ? "" : fmt::format("{}m", minutes % 60);
  return fmt::format("{}{}{:g}s", hours_text, minutes_text, static_cast<double>(ms % 60'000) / 1000);
}

}  // namespace

Result<std::shared_ptr<ErrorLog>> ErrorLog::make(LogSink& log,
                                                 const std::vector<ConsolidateOptions>& options) {
  std::vector<base::Regex> patterns;
  for (const ConsolidateOptions& each : options) {
    auto pattern = base::Regex::compile(each.pattern);
    if (!pattern) {
      return std::unexpected(std::move(pattern.error()));
    }
    patterns.push_back(*std::move(pattern));
  }
  return std::make_shared<ErrorLog>(log, std::move(patterns), options);
}

ErrorLog::ErrorLog(LogSink& log, std::vector<base::Regex> patterns,
                   const std::vector<ConsolidateOptions>& options)
    : log_(log), limiter_(log) {
  for (std::size_t i = 0; i < options.size(); ++i) {
    consolidated_.push_back({.options = options[i], .pattern = std::move(patterns[i])});
  }
}

void ErrorLog::report(std::uint16_t rcode, std::span<const std::uint8_t> name, std::uint16_t type,
                      std::string_view error, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (consolidated_.empty() && !limiter_.admits("errors", now)) {
    return;
  }
  const std::string text =
      fmt::format("{} {} {}: {}", rcode, wire::name_text(name), wire::type_text(type), error);
  const auto found = std::ranges::find_if(
      consolidated_, [&](const Consolidated& each) { return each.pattern.matches(text); });
  if (found == consolidated_.end()) {
    limiter_.log(LogLevel::Error, "errors", "plugin/errors: " + text, now);
    return;
  }
  if (found->count++ == 0) {
    found->since = now;
    if (found->options.show_first) {
      log_(found->options.level, "plugin/errors: " + text);
    }
  }
}

void ErrorLog::write_counts(bool everything, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  for (Consolidated& each : consolidated_) {
    if (each.count == 0 || (!everything && now - each.since < each.options.interval)) {
      continue;
    }
    const std::uint64_t count = std::exchange(each.count, 0);
    if (count > 1 || !each.options.show_first) {
      log_(each.options.level, fmt::format("plugin/errors: {} errors like '{}' occurred in last {}", count,
                                           each.options.pattern, duration_text(each.options.interval)));
    }
  }
}

std::optional<std::chrono::milliseconds> ErrorLog::pace() const {
  std::optional<std::chrono::milliseconds> pace;
  for (const Consolidated& each : consolidated_) {
    pace =
        std::clamp(std::min(pace.value_or(kSlowestPace), each.options.interval), kFastestPace, kSlowestPace);
  }
  return pace;
}

}  // namespace meshdns::server
