#include "dns/admin/readiness.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace meshdns::admin {
namespace {

HttpResponse unavailable(std::string body) {
  return {.status = 503, .body = std::move(body)};
}

}  // namespace

std::vector<std::string> not_ready(const Status& status) {
  if (status.listening.empty() || status.blocks.empty()) {
    return {"dns"};
  }
  std::vector<std::string> missing;
  for (const BlockStatus& block : status.blocks) {
    if (block.has_mesh && !block.zone_loaded) {
      missing.push_back(
          block.waiting_for.empty() ? "mesh" : fmt::format("mesh ({})", fmt::join(block.waiting_for, " ")));
    }
  }
  return missing;
}

void Readiness::use(bool continuously, std::chrono::milliseconds fail_open_after) {
  continuously_ = continuously;
  fail_open_after_ = fail_open_after;
}

HttpResponse Readiness::respond(const Status& status, Clock::time_point now) {
  if (is_shutting_down_) {
    return unavailable("Shutting down");
  }
  if (was_ready_ && !continuously_) {
    return {.body = "OK"};
  }
  const std::vector<std::string> missing = not_ready(status);
  if (missing.empty()) {
    was_ready_ = true;
    return {.body = "OK"};
  }
  const std::chrono::milliseconds patience = fail_open_after_;
  const bool can_answer = missing.front() != "dns";
  if (!can_answer || patience.count() == 0 || now - started_ < patience) {
    return unavailable(fmt::format("{}", fmt::join(missing, ",")));
  }
  if (!std::exchange(has_warned_, true)) {
    log_(LogLevel::Warning,
         fmt::format("plugin/ready: ready without {} after {:g} s: names of the mesh fail until it is there",
                     fmt::join(missing, ", "), std::chrono::duration<double>(patience).count()));
  }
  return {.body = "OK"};
}

}  // namespace meshdns::admin
