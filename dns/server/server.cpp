#include <algorithm>
#include <latch>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <meshdns/server.hpp>

#include "dns/admin/admin.hpp"
#include "dns/forward/forward_plan.hpp"
#include "dns/forward/loop_guard.hpp"
#include "dns/inspect/inspection.hpp"
#include "dns/server/control_loop.hpp"
#include "dns/server/error_logs.hpp"
#include "dns/server/file_watcher.hpp"
#include "dns/server/listen_sockets.hpp"
#include "dns/server/loop_check.hpp"
#include "dns/server/options_check.hpp"
#include "dns/server/query_meter.hpp"
#include "dns/server/server_inspector.hpp"
#include "dns/server/server_label.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/server/watched_files.hpp"
#include "dns/server/worker.hpp"
#include "dns/server/zone_keeper.hpp"
#include "dns/server/zone_poller.hpp"

namespace meshdns {
namespace {

namespace asio = boost::asio;
using server::Listening;
using server::ListenSockets;
using server::NewListener;
using server::Worker;

constexpr std::chrono::milliseconds kLeastGrace{500};  // after a long lameduck

}  // namespace

class Server::Impl {
 public:
  Impl(LogSink log, About about, OnFatal on_fatal)
      : log_(std::move(log)),
        about_(std::move(about)),
        loop_check_(log_, std::move(on_fatal)),
        admin_(log_, [this] { return status(); }),
        work_(control_.get_executor()),
        watcher_(control_, [this](const auto& paths) { on_files_changed(paths); }),
        poller_(control_, log_,
                [this](const auto& path, const auto& document) { return on_document(path, document); }) {}
  ~Impl();

  Result<void> start(ServerOptions options);
  Result<void> reload(ServerOptions options);
  void note_failed_reload();
  Result<void> reload_zones();
  Result<void> replace_zone(std::size_t block, MeshZone zone);
  Status status() const;
  void stop(std::chrono::milliseconds grace);

 private:
  Result<void> put_in_force(ServerOptions options);
  void offer_admin(const ServerOptions& options);
  void follow_sources(server::FileWatcher::Seen seen);
  Result<void> reload_zones_of(const std::vector<std::size_t>& blocks);
  Result<void> on_document(const std::string& path, const std::string& document);
  void reload_plan();
  void reload_chains(const std::vector<std::size_t>& blocks);
  bool publish(std::vector<ListenSockets> opened = {});
  void on_files_changed(const std::vector<std::string>& paths);
  void warn(const std::vector<std::string>& warnings);

  LogSink log_;
  About about_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  server::Meters meters_;
  server::TallyBook tallies_;
  server::LoopCheck loop_check_;
  std::unique_ptr<forward::LoopGuard> loops_ = std::make_unique<forward::LoopGuard>();
  std::vector<std::unique_ptr<Worker>> workers_;  // the same from start() to the end

  // One change at a time. Held while files are read, which may take seconds.
  std::mutex change_mutex_;
  ServerOptions options_;
  server::PassedSockets passed_;
  server::ZoneKeeper zones_{log_};
  std::shared_ptr<const forward::ForwardPlan> plan_;
  server::Chains chains_;
  server::BlockCaches caches_;

  // What others want to know meanwhile. Changed with both mutexes held; held for moments only.
  mutable std::mutex mutex_;
  std::vector<BlockStatus> block_status_;
  server::BlockCaches shown_caches_;
  Listening listening_;
  std::map<SocketAddress, SocketAddress> http_listening_;
  std::string config_hash_;
  std::chrono::milliseconds lameduck_{0};
  std::optional<std::chrono::nanoseconds> ready_after_;
  std::uint64_t config_reloads_ = 0;
  std::uint64_t config_failures_ = 0;
  std::uint64_t resolv_conf_errors_ = 0;
  bool is_stopping_ = false;
  bool is_stopped_ = false;

  admin::Admin admin_;
  server::ServerInspector inspector_{workers_, [this] { return status(); }};
  inspect::Inspection inspection_{log_, inspector_};

  asio::io_context control_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  server::ErrorLogs error_logs_{control_, log_};
  server::FileWatcher watcher_;
  server::ZonePoller poller_;
  std::thread control_thread_;
};

Result<void> Server::Impl::start(ServerOptions options) {
  const std::lock_guard lock(change_mutex_);
  std::vector<std::string> warnings;
  auto usable = passed_.take(options.passed_sockets, warnings);
  warn(warnings);
  if (usable) {
    usable = server::check_options(options);
  }
  if (!usable) {
    return usable;
  }
  options_.workers = options.workers;
  meters_.start(options.workers);
  tallies_.start(options.workers);
  loops_->on_loop([this](const SocketAddress& upstream) { loop_check_.found(upstream); });
  for (unsigned i = 0; i < options.workers; ++i) {
    workers_.push_back(std::make_unique<Worker>(i, options, *loops_, log_,
                                                [this](std::shared_ptr<const server::Snapshot> old) {
                                                  asio::post(control_, [old = std::move(old)] {});
                                                }));
    workers_.back()->start();
  }
  offer_admin(options);  // before zones are read, which may take long
  if (auto done = put_in_force(std::move(options)); !done) {
    return done;
  }
  loop_check_.begin(options_, *plan_, listening_);
  control_thread_ = std::thread([this] { server::run_until_stopped(control_, log_); });
  return {};
}

Result<void> Server::Impl::reload(ServerOptions options) {
  const std::lock_guard lock(change_mutex_);
  Result<void> done = server::check_options(options);
  if (done) {
    if (options.workers != options_.workers) {
      warn({fmt::format("multisocket: {} workers stay until a restart, {} were asked for", options_.workers,
                        options.workers)});
    }
    done = put_in_force(std::move(options));
  }
  const std::lock_guard status_lock(mutex_);
  ++(done ? config_reloads_ : config_failures_);
  return done;
}

// Everything that can fail comes first; then everything is replaced. Sockets are opened before zones are
// read, which may take long: queries wait in them.
Result<void> Server::Impl::put_in_force(ServerOptions options) {
  auto seen = server::FileWatcher::look_at(server::watched_files(options));
  auto opened = server::open_missing_sockets(options, listening_, options_.workers, passed_, log_);
  if (!opened) {
    return std::unexpected(std::move(opened.error()));
  }
  auto zones = zones_.load_all(options);
  if (!zones) {
    return std::unexpected(std::move(zones.error()));
  }
  Listening listening = server::listening_with(options, listening_, *opened);
  auto plan = forward::make_forward_plan(options, server::actual_addresses(listening), plan_.get());
  if (!plan) {
    return std::unexpected(std::move(plan.error()));
  }
  auto chains = server::make_chains(options);
  if (!chains) {
    return std::unexpected(std::move(chains.error()));
  }
  auto error_logs = error_logs_.make(options);
  if (!error_logs) {
    return std::unexpected(std::move(error_logs.error()));
  }

  options.workers = options_.workers;
  auto caches = server::make_caches(options, options_, caches_);
  if (!caches) {
    return std::unexpected(std::move(caches.error()));
  }

  warn(plan->warnings);
  options_ = std::move(options);
  zones_.put_in_force(std::move(*zones));
  plan_ = std::make_shared<const forward::ForwardPlan>(std::move(*plan));
  chains_ = *std::move(chains);
  error_logs_.put_in_force(*std::move(error_logs));
  caches_ = *std::move(caches);
  {
    const std::lock_guard lock(mutex_);
    listening_ = std::move(listening);
    config_hash_ = options_.config_hash;
    lameduck_ = server::longest_lameduck(options_);
  }
  if (!publish(std::move(*opened))) {
    return fail(Errc::Internal, "the server is stopped");
  }
  offer_admin(options_);
  zones_.save_states();
  follow_sources(std::move(seen));
  return {};
}

void Server::Impl::offer_admin(const ServerOptions& options) {
  admin_.serve(options);
  inspection_.serve(options);
  auto listening = admin_.listening();
  listening.merge(inspection_.listening());
  const std::lock_guard lock(mutex_);
  http_listening_ = std::move(listening);
}

void Server::Impl::follow_sources(server::FileWatcher::Seen seen) {
  asio::post(control_, [this, seen = std::move(seen), targets = zones_.poll_targets()]() mutable {
    watcher_.watch(std::move(seen));
    poller_.poll(targets);
  });
}

// Returns when no worker answers from the old state any more; the zones' status is to be seen only then.
// False: there are no workers left to tell.
bool Server::Impl::publish(std::vector<ListenSockets> opened) {
  const auto snapshot = server::make_snapshot(options_, zones_.tables(), chains_, plan_, caches_);
  server::attach_meters(*snapshot, options_, listening_, meters_, tallies_);
  error_logs_.attach_to(*snapshot);
  std::latch applied(static_cast<std::ptrdiff_t>(workers_.size()));
  {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) {
      return false;
    }
    for (std::size_t w = 0; w < workers_.size(); ++w) {
      std::vector<NewListener> listeners;
      for (ListenSockets& sockets : opened) {
        listeners.push_back({sockets.configured, sockets.actual, std::move(sockets.workers[w])});
      }
      workers_[w]->apply(snapshot, std::move(listeners), applied);
    }
  }
  applied.wait();  // a stop() from here on comes after it in every worker's queue
  auto status = zones_.status();
  server::label_blocks(status, options_, listening_, chains_);
  inspector_.show(options_, snapshot, status, listening_);
  const std::lock_guard lock(mutex_);
  block_status_ = std::move(status);
  const auto is_missing = [](const BlockStatus& block) { return block.has_mesh && !block.zone_loaded; };
  if (!ready_after_ && std::ranges::none_of(block_status_, is_missing)) {
    ready_after_ = std::chrono::steady_clock::now() - started_;
  }
  shown_caches_ = caches_;
  return true;
}

void Server::Impl::note_failed_reload() {
  const std::lock_guard lock(mutex_);
  ++config_failures_;
}

Result<void> Server::Impl::reload_zones() {
  const std::lock_guard lock(change_mutex_);
  std::vector<std::size_t> blocks;
  for (std::size_t b = 0; b < zones_.size(); ++b) {
    if (zones_.can_reload(b)) {
      blocks.push_back(b);
    }
  }
  return reload_zones_of(blocks);
}

// A zone that cannot be read leaves the one in force; the first fault is returned.
Result<void> Server::Impl::reload_zones_of(const std::vector<std::size_t>& blocks) {
  Result<void> done;
  std::vector<std::string> successes;
  for (const std::size_t b : blocks) {
    if (auto reloaded = zones_.reload(b); reloaded) {
      successes.push_back(fmt::format("plugin/mesh: zone reloaded, {} names", zones_.names(b)));
    } else {
      log_(LogLevel::Error, fmt::format("plugin/mesh: {}; the zone in force stays", reloaded.error().what));
      if (done) {
        done = std::move(reloaded);
      }
    }
  }
  publish();
  for (const std::string& line : successes) {
    log_(LogLevel::Info, line);
  }
  zones_.save_states();
  return done;
}

// On the control thread. The poller reports an error, because it knows whether that is news.
Result<void> Server::Impl::on_document(const std::string& path, const std::string& document) {
  const std::lock_guard lock(change_mutex_);
  Result<void> done;
  std::vector<std::size_t> taken;
  for (std::size_t b = 0; b < zones_.size(); ++b) {
    if (!zones_.reads(b, path)) {
      continue;
    }
    if (auto loaded = zones_.take_document(b, path, document); loaded) {
      taken.push_back(b);
    } else if (done) {
      done = fail(loaded.error().code, loaded.error().what + "; the zone in force stays");
    }
  }
  publish();
  for (const std::size_t b : taken) {
    log_(LogLevel::Info, fmt::format("plugin/mesh: {}: new document, {} names", path, zones_.names(b)));
    zones_.keep_document(b, path, document);
  }
  zones_.save_states();
  return done;
}

Result<void> Server::Impl::replace_zone(std::size_t block, MeshZone zone) {
  const std::lock_guard lock(change_mutex_);
  if (auto replaced = zones_.replace(block, std::move(zone)); !replaced) {
    return replaced;
  }
  if (!publish()) {
    return fail(Errc::Internal, "the server is stopped");
  }
  return {};
}

void Server::Impl::reload_plan() {
  auto plan = forward::make_forward_plan(options_, server::actual_addresses(listening_), plan_.get());
  if (!plan) {
    log_(LogLevel::Warning,
         fmt::format("plugin/forward: {}; the upstreams in force stay", plan.error().what));
    const std::lock_guard lock(mutex_);
    ++resolv_conf_errors_;
    return;
  }
  warn(plan->warnings);
  plan_ = std::make_shared<const forward::ForwardPlan>(std::move(*plan));
  publish();
  log_(LogLevel::Info, "plugin/forward: upstreams reloaded");
}

// A file that cannot be used leaves what was made of it before, and the others their news.
void Server::Impl::reload_chains(const std::vector<std::size_t>& blocks) {
  for (const std::size_t b : blocks) {
    std::vector<Error> faults;
    if (auto chain = plugin::remake_chain(options_.blocks[b], *chains_[b], faults)) {
      chains_[b] = *std::move(chain);
    } else {
      faults.push_back(std::move(chain.error()));
    }
    for (const Error& fault : faults) {
      log_(LogLevel::Error, fmt::format("{}; what is in force stays", fault.what));
    }
    if (faults.size() < plugin::watched_by_chain(options_.blocks[b]).size()) {
      log_(LogLevel::Info, "files of the server block reloaded");
    }
  }
  publish();
}

void Server::Impl::on_files_changed(const std::vector<std::string>& paths) {
  const std::lock_guard lock(change_mutex_);
  const server::Affected affected = server::affected_by(paths, options_);
  if (!affected.zones.empty()) {
    reload_zones_of(affected.zones);
  }
  if (!affected.chains.empty()) {
    reload_chains(affected.chains);
  }
  if (affected.upstreams) {
    reload_plan();
  }
}

void Server::Impl::warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    log_(LogLevel::Warning, warning);
  }
}

Status Server::Impl::status() const {
  const std::lock_guard lock(mutex_);
  Status status;
  status.listening = server::actual_addresses(listening_);
  status.blocks = block_status_;
  status.caches = server::cache_status(shown_caches_, block_status_);
  status.config_reloads = config_reloads_;
  status.config_failures = config_failures_;
  status.resolv_conf_errors = resolv_conf_errors_;
  status.http_listening = http_listening_;
  status.config_hash = config_hash_;
  status.ready_after = ready_after_;
  if (about_) {
    status.program = about_();
  }
  status.queries = meters_.status();
  status.directives = tallies_.status();
  for (const auto& worker : workers_) {
    worker->counters().add_to(status.counters);
    status.in_flight += worker->in_flight();
    worker->add_to(status);
  }
  return status;
}

void Server::Impl::stop(std::chrono::milliseconds grace) {
  std::chrono::milliseconds lameduck{0};
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(is_stopping_, true)) {
      return;
    }
    lameduck = grace.count() == 0 ? grace : lameduck_;
  }
  admin_.shut_down();
  std::this_thread::sleep_for(lameduck);
  inspection_.stop();  // while the workers still answer it
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  const auto rest = std::max(grace - lameduck, std::min(grace, kLeastGrace));
  const auto deadline = std::chrono::steady_clock::now() + rest;
  for (const auto& worker : workers_) {
    worker->stop(deadline);
  }
  for (const auto& worker : workers_) {
    worker->join();
  }
  error_logs_.write_counts();
  admin_.stop();
  control_.stop();  // it may be reading a zone, which is not waited for
}

Server::Impl::~Impl() {
  stop(std::chrono::milliseconds(0));
  if (control_thread_.joinable()) {
    control_thread_.join();
  }
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options, LogSink log, About about,
                                              OnFatal on_fatal) {
  try {
    auto impl = std::make_unique<Impl>(log ? std::move(log) : LogSink([](LogLevel, std::string_view) {}),
                                       std::move(about), std::move(on_fatal));
    if (auto started = impl->start(std::move(options)); !started) {
      return std::unexpected(std::move(started.error()));
    }
    return std::unique_ptr<Server>(new Server(std::move(impl)));
  } catch (const std::exception& e) {
    return fail(Errc::Internal, e.what());
  }
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<void> Server::reload(ServerOptions options) {
  return impl_->reload(std::move(options));
}
void Server::note_failed_reload() {
  impl_->note_failed_reload();
}
Result<void> Server::reload_zones() {
  return impl_->reload_zones();
}
Result<void> Server::replace_zone(std::size_t block, MeshZone zone) {
  return impl_->replace_zone(block, std::move(zone));
}
Status Server::status() const {
  return impl_->status();
}
void Server::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}

}  // namespace meshdns
