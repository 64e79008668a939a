// The loop of the control thread: what one change throws (a lack of memory, mostly) gives up that change, and
// neither the server nor the program around it.
#pragma once

#include <exception>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include <meshdns/log_sink.hpp>

namespace meshdns::server {

inline void run_until_stopped(boost::asio::io_context& loop, const LogSink& log) noexcept {
  while (!loop.stopped()) {
    try {
      loop.run();
    } catch (const std::exception& e) {
      try {
        log(LogLevel::Error, fmt::format("a change was given up: {}; what is in force stays", e.what()));
      } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): nor is there memory for a line
      }
    }
  }
}

}  // namespace meshdns::server
