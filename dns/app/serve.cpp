#include "dns/app/serve.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include <meshdns/server.hpp>

#include "dns/app/configuration.hpp"
#include "dns/app/corefile_watch.hpp"
#include "dns/app/log_output.hpp"
#include "dns/app/pid_file.hpp"
#include "dns/app/socket_activation.hpp"
#include "dns/app/start_lines.hpp"
#include "dns/app/start_up_memory.hpp"
#include "dns/app/version.hpp"

namespace meshdns::app {
namespace {

using namespace std::chrono_literals;

// kuma-dp kills five seconds after SIGTERM: both together must stay below.
constexpr auto kDrainTime = 4000ms;
constexpr auto kFlushTime = 300ms;

// Blocked in every thread and taken by one sigwait(), so that no system call of the server is ever
// interrupted.
class Signals {
 public:
  Signals() : done_(SIGRTMIN), stopped_(SIGRTMIN + 1), fatal_(SIGRTMIN + 2) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGHUP, SIG_IGN);
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, done_, stopped_, fatal_}) {
      sigaddset(&set_, signal);
    }
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  // 0: none came until `limit`.
  int wait(std::optional<CorefileWatch::Clock::time_point> limit = {}) const {
    int signal = 0;
    if (!limit) {
      sigwait(&set_, &signal);
      return signal;
    }
    const auto left = std::max<std::chrono::nanoseconds>(*limit - CorefileWatch::Clock::now(), 0ns);
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec time{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    signal = sigtimedwait(&set_, nullptr, &time);
    return std::max(signal, 0);
  }

  // Signals of our own: what was begun aside is done; the server has stopped; it has a reason to.
  int done() const { return done_; }
  int stopped() const { return stopped_; }
  int fatal() const { return fatal_; }
  static void announce(int signal) { kill(getpid(), signal); }

 private:
  int done_;
  int stopped_;
  int fatal_;
  sigset_t set_;
};

// `warning` is set when the environment asks for a level that does not exist: that must not keep DNS from
// starting.
LogLevel log_level(const CommandLine& command_line, std::string& warning) {
  const char* variable = std::getenv("MESHDNS_LOG_LEVEL");
  if (command_line.log_level || variable == nullptr || *variable == '\0') {
    return command_line.log_level.value_or(LogLevel::Info);
  }
  const auto level = parse_log_level(variable);
  if (!level) {
    warning = fmt::format("MESHDNS_LOG_LEVEL is '{}', expected debug, info, warning or error", variable);
  }
  return level.value_or(LogLevel::Info);
}

class Process {
 public:
  explicit Process(const CommandLine& command_line)
      : command_line_(command_line),
        configuration_(command_line),
        level_(log_level(command_line, level_warning_)) {}

  int run() {
    output_.set_threshold(level_);
    if (!level_warning_.empty()) {
      output_.log(LogLevel::Warning, level_warning_);
    }
    begin([this] { return start(); });
    for (;;) {
      const int signal = signals_.wait(aside_.valid() ? std::nullopt : watch_.due());
      if (signal == 0) {
        if (watch_.due() <= CorefileWatch::Clock::now()) {
          begin([this] { return look_for_changes(); });
        }
      } else if (signal == signals_.done()) {
        if (const auto done = aside_.get(); !server_) {
          fmt::print(stderr, "{}\n", done.error().what);
          return leave(1);
        }
        if (!is_up_) {
          announce_start();
        }
        if (std::exchange(reload_wanted_, false)) {
          begin_reload();
        }
      } else if (signal == signals_.fatal()) {  // it was told
        pid_file_.reset();
        return leave(1);
      } else if (signal == SIGUSR1) {
        if (aside_.valid()) {
          reload_wanted_ = true;
        } else {
          begin_reload();
        }
      } else if (signal == SIGUSR2) {
        info("SIGUSR2: Ignored, upgrading in place is not supported");
      } else if (signal == SIGQUIT) {
        info("SIGQUIT: Quitting process immediately");
        quit_now(0);
      } else if (signal == SIGTERM || signal == SIGINT) {
        info(signal == SIGTERM ? "SIGTERM: Shutting down servers then terminating" : "SIGINT: Shutting down");
        if (!is_up_) {
          quit_now(0);
        }
        pid_file_.reset();
        drain(signal);
        return leave(0);
      }
    }
  }

 private:
  // Zones may take long to read. Signals are heard meanwhile; signals_.done() tells the end.
  void begin(std::function<Result<void>()> work) {
    aside_ = std::async(std::launch::async, [this, work = std::move(work)] {
      const auto announce = [this](void*) { Signals::announce(signals_.done()); };
      const std::unique_ptr<void, decltype(announce)> at_end(this, announce);
      return work();
    });
  }

  Result<void> start() {
    if (command_line_.quiet) {
      quiet_thread_ = std::this_thread::get_id();
    }
    auto started = start_server();
    quiet_thread_ = std::thread::id();
    return started;
  }

  Result<void> start_server() {
    if (!passed_) {
      return std::unexpected(std::move(passed_.error()));
    }
    auto corefile = load();
    if (!corefile) {
      return std::unexpected(std::move(corefile.error()));
    }
    started_with_ = corefile->options;
    corefile->options.passed_sockets = *passed_;
    auto server = Server::start(
        std::move(corefile->options), [this](LogLevel level, std::string_view text) { log(level, text); },
        [this] { return about_program(output_.dropped()); },
        [this](const std::string& why) {
          output_.print("[FATAL] " + why + "\n");
          Signals::announce(signals_.fatal());
        });
    if (!server) {
      return std::unexpected(std::move(server.error()));
    }
    server_ = std::move(*server);
    return {};
  }

  // -quiet keeps back what is said of the start, but for warnings. Queries that come meanwhile are another
  // thread's.
  void log(LogLevel level, std::string_view text) {
    if (level >= LogLevel::Warning || quiet_thread_.load() != std::this_thread::get_id()) {
      output_.log(level, text);
    }
  }

  void announce_start() {
    is_up_ = true;
    if (!command_line_.quiet) {
      output_.print(start_lines(started_with_, server_->status().listening));
      output_.print(version_text());
    }
    write_pid_file();
    watch_.use(started_with_);
    if (!command_line_.quiet) {
      tell_hash(started_with_);
    }
    output_.set_threshold(started_with_.debug ? LogLevel::Debug : level_);
    give_back_start_up_memory();
  }

  void tell_hash(const ServerOptions& options) {
    if (options.reload) {
      info("plugin/reload: Running configuration SHA512 = " + options.config_hash);
    }
  }

  Result<Corefile> load() {
    auto corefile = configuration_.load();
    if (corefile) {
      warn(*corefile);
    }
    return corefile;
  }

  void warn(const Corefile& corefile) {
    for (const std::string& warning : corefile.warnings) {
      output_.log(LogLevel::Warning, warning);
    }
  }

  void write_pid_file() {
    if (command_line_.pid_file.empty()) {
      return;
    }
    if (auto written = PidFile::write(command_line_.pid_file)) {
      pid_file_.emplace(*std::move(written));
    } else {
      output_.log(LogLevel::Error, "Could not write pidfile: " + written.error().what);
    }
  }

  void begin_reload() {
    info("SIGUSR1: Reloading");
    info("Reloading");
    begin([this] { return reload(); });
  }

  Result<void> reload() {
    auto reloaded = put_in_force(load());
    if (!reloaded) {
      output_.log(LogLevel::Error, "Restart failed: " + reloaded.error().what);
      output_.log(LogLevel::Error,
                  "SIGUSR1: starting with listener file descriptors: " + reloaded.error().what);
    }
    return reloaded;
  }

  // What `reload` asks for every now and then.
  Result<void> look_for_changes() {
    auto corefile = configuration_.load();
    if (!watch_.is_news(corefile)) {
      return {};
    }
    info("Reloading");
    if (corefile) {
      warn(*corefile);
    }
    auto reloaded = put_in_force(std::move(corefile));
    if (!reloaded) {
      output_.log(LogLevel::Error,
                  "plugin/reload: Corefile changed but reload failed: " + reloaded.error().what);
    }
    return reloaded;
  }

  Result<void> put_in_force(Result<Corefile> corefile) {
    if (!corefile) {
      server_->note_failed_reload();
      return std::unexpected(std::move(corefile.error()));
    }
    const ServerOptions options = corefile->options;
    if (auto reloaded = server_->reload(std::move(corefile->options)); !reloaded) {
      return reloaded;
    }
    output_.set_threshold(options.debug ? LogLevel::Debug : level_);
    watch_.use(options);
    tell_hash(options);
    info("Reloading complete");
    give_back_start_up_memory();
    return {};
  }

  // Lets queries in flight finish, while a second SIGINT still ends the process.
  void drain(int first_signal) {
    const std::jthread stopper([this] {
      server_->stop(kDrainTime);
      Signals::announce(signals_.stopped());
    });
    for (int signal = signals_.wait(); signal != signals_.stopped(); signal = signals_.wait()) {
      if (signal == SIGINT && first_signal == SIGINT) {
        info("SIGINT: Force quit");
        quit_now(2);
      }
      if (signal == SIGQUIT) {
        info("SIGQUIT: Quitting process immediately");
        quit_now(0);
      }
    }
  }

  // Whoever still reads a zone is not waited for.
  int leave(int code) {
    if (!output_.flush(kFlushTime) || aside_.valid()) {
      quit_now(code);
    }
    const auto ended = std::async(std::launch::async, [this] { server_.reset(); });
    if (ended.wait_for(kFlushTime) != std::future_status::ready) {
      quit_now(code);
    }
    return code;
  }

  [[noreturn]] void quit_now(int code) {
    pid_file_.reset();
    output_.flush(kFlushTime);
    std::_Exit(code);
  }

  void info(std::string_view text) { output_.log(LogLevel::Info, text); }

  Signals signals_;                                              // before anything that has threads
  Result<std::vector<int>> passed_ = take_passed_descriptors();  // likewise
  CommandLine command_line_;
  Configuration configuration_;
  std::string level_warning_;
  LogLevel level_;
  LogOutput output_{LogLevel::Info};
  ServerOptions started_with_;
  CorefileWatch watch_;  // not touched here while something is begun aside
  std::unique_ptr<Server> server_;
  bool is_up_ = false;
  std::atomic<std::thread::id> quiet_thread_;
  bool reload_wanted_ = false;
  std::optional<PidFile> pid_file_;
  std::future<Result<void>> aside_;  // valid: begun, and its end not heard of yet
};

}  // namespace

int serve(const CommandLine& command_line) {
  return Process(command_line).run();
}

}  // namespace meshdns::app
