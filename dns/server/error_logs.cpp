#include "dns/server/error_logs.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>

namespace meshdns::server {

Result<ErrorLogs::List> ErrorLogs::make(const ServerOptions& options) const {
  List logs(options.blocks.size());
  for (std::size_t b = 0; b < logs.size(); ++b) {
    if (options.blocks[b].errors) {
      auto made = ErrorLog::make(log_, options.blocks[b].consolidate);
      if (!made) {
        return std::unexpected(std::move(made.error()));
      }
      logs[b] = *std::move(made);
    }
  }
  return logs;
}

void ErrorLogs::put_in_force(List logs) {
  List old;
  {
    const std::lock_guard lock(mutex_);
    old = std::exchange(logs_, logs);
  }
  write(old, true);
  boost::asio::post(timer_.get_executor(),
                    [this, logs = std::move(logs)]() mutable { tick(std::move(logs)); });
}

void ErrorLogs::attach_to(Snapshot& snapshot) const {
  const List logs = in_force();
  for (std::size_t b = 0; b < logs.size(); ++b) {
    snapshot.blocks[b].errors = logs[b];
  }
}

void ErrorLogs::write(const List& logs, bool everything) {
  for (const auto& log : logs) {
    if (log) {
      log->write_counts(everything);
    }
  }
}

ErrorLogs::List ErrorLogs::in_force() const {
  const std::lock_guard lock(mutex_);
  return logs_;
}

void ErrorLogs::tick(List logs) {
  std::optional<std::chrono::milliseconds> pace;
  for (const auto& log : logs) {
    const auto wanted = log ? log->pace() : std::nullopt;
    pace = wanted ? std::min(pace.value_or(*wanted), *wanted) : pace;
  }
  timer_.cancel();
  if (pace) {
    timer_.expires_after(*pace);
    timer_.async_wait([this, logs = std::move(logs)](const boost::system::error_code& cancelled) mutable {
      if (!cancelled) {
        write(logs, false);
        tick(std::move(logs));
      }
    });
  }
}

}  // namespace meshdns::server
