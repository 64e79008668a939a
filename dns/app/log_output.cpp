#include "dns/app/log_output.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

namespace meshdns::app {
namespace {

constexpr std::size_t kQueuedLines = 1024;  // their buffers, 400 octets each, are there from the start
constexpr std::chrono::seconds kNoteInterval{1};

// Writes to the descriptor itself: no buffer of the C library that could keep a line back. A reader that is
// gone (EPIPE, EBADF) costs the line, nothing else.
class StandardOutputSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  bool wait_for_flush(std::size_t count, std::chrono::milliseconds limit) {
    std::unique_lock lock(flushed_mutex_);
    return flushed_.wait_for(lock, limit, [&] { return flush_count_ >= count; });
  }

  // To be told where lines are counted that did not even get here.
  void count_overrun(std::function<std::uint64_t()> overrun) { overrun_ = std::move(overrun); }
  std::uint64_t dropped() const { return unreadable_ + (overrun_ ? overrun_() : 0); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    note_dropped(message.time);
    write({message.payload.data(), message.payload.size()});
  }

  void flush_() override {
    const std::lock_guard lock(flushed_mutex_);
    ++flush_count_;
    flushed_.notify_all();
  }

 private:
  void note_dropped(spdlog::log_clock::time_point now) {
    const std::uint64_t count = dropped();
    if (count != noted_ && now - noted_at_ >= kNoteInterval) {
      write(fmt::format("[WARNING] {} log lines dropped: nobody read standard output in time\n",
                        count - std::exchange(noted_, count)));
      noted_at_ = now;
    }
  }

  void write(std::string_view rest) {
    while (!rest.empty()) {
      const auto written = ::write(STDOUT_FILENO, rest.data(), rest.size());
      if (written < 0 && errno != EINTR) {
        ++unreadable_;
        return;
      }
      rest.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
  }

  std::function<std::uint64_t()> overrun_;
  std::uint64_t noted_ = 0;
  spdlog::log_clock::time_point noted_at_;
  std::atomic<std::uint64_t> unreadable_ = 0;
  std::mutex flushed_mutex_;
  std::condition_variable flushed_;
  std::size_t flush_count_ = 0;
};

}  // namespace

class LogOutput::Impl {
 public:
  Impl() {
    logger_->set_level(spdlog::level::trace);
    logger_->flush_on(spdlog::level::off);
    sink_->count_overrun([this] { return pool_->overrun_counter(); });
  }

  void write(std::string_view lines) { logger_->log(spdlog::level::info, lines); }

  std::uint64_t dropped() { return sink_->dropped(); }

  bool flush(std::chrono::milliseconds limit) {
    logger_->flush();
    return sink_->wait_for_flush(++flushes_, limit);
  }

 private:
  std::shared_ptr<spdlog::details::thread_pool> pool_ =
      std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
  std::shared_ptr<StandardOutputSink> sink_ = std::make_shared<StandardOutputSink>();
  std::shared_ptr<spdlog::async_logger> logger_ = std::make_shared<spdlog::async_logger>(
      "meshdns", sink_, pool_, spdlog::async_overflow_policy::overrun_oldest);
  std::size_t flushes_ = 0;
};

LogOutput::LogOutput(LogLevel threshold) : impl_(std::make_unique<Impl>()), threshold_(threshold) {}
LogOutput::~LogOutput() = default;

void LogOutput::log(LogLevel level, std::string_view text) {
  static constexpr std::array<std::string_view, 4> kNames = {"DEBUG", "INFO", "WARNING", "ERROR"};
  if (level >= threshold_.load(std::memory_order_relaxed)) {
    std::string line = "[";
    line.append(kNames[static_cast<std::size_t>(level)]).append("] ").append(text).append("\n");
    print(line);
  }
}

void LogOutput::print(std::string_view lines) {
  impl_->write(lines);
}

std::uint64_t LogOutput::dropped() const {
  return impl_->dropped();
}

bool LogOutput::flush(std::chrono::milliseconds limit) {
  return impl_->flush(limit);
}

}  // namespace meshdns::app
