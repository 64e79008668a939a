#include "dns/admin/http_service.hpp"

#include <algorithm>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "dns/admin/http_listener.hpp"

namespace meshdns::admin {
namespace {

namespace asio = boost::asio;

}  // namespace

class HttpService::Impl {
 public:
  Impl(LogSink& log, std::chrono::milliseconds timeout)
      : log_(log), limits_(std::make_shared<HttpLimits>(timeout)) {}

  void serve(std::vector<HttpEndpoint> endpoints) {
    const std::lock_guard lock(mutex_);
    std::map<SocketAddress, std::vector<HttpEndpoint>> wanted;
    for (HttpEndpoint& endpoint : endpoints) {
      wanted[endpoint.address].push_back(std::move(endpoint));
    }
    if (is_stopped_ || (!thread_.joinable() && wanted.empty())) {
      return;
    }
    if (!thread_.joinable()) {
      thread_ = std::thread([this] {
        const auto stay = asio::make_work_guard(*loop_);
        loop_->run();
      });
    }
    // What is not wanted any more goes first: it may be in the way of a wildcard address, or the reverse.
    for (auto listener = listeners_.begin(); listener != listeners_.end();) {
      if (wanted.contains(listener->first)) {
        ++listener;
        continue;
      }
      on_loop([&] { listener->second->close(); });
      listener = listeners_.erase(listener);
    }
    Failures failures;
    std::optional<asio::ip::tcp::endpoint> health;
    for (auto& [address, of_address] : wanted) {
      const bool has_health = std::ranges::any_of(of_address, &HttpEndpoint::is_health);
      serve_at(address, of_address, failures);
      if (const auto found = listeners_.find(address); has_health && !health && found != listeners_.end()) {
        health = found->second->reached_at();
      }
    }
    known_failures_ = std::move(failures);
    on_loop([&] { probe_->use(health); });
  }

  std::optional<HealthStatus> health() const { return probe_->status(); }

  void stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    if (thread_.joinable()) {
      loop_->stop();
      thread_.join();
    }
    listeners_.clear();
    probe_.reset();
    loop_.reset();  // and the connections with it
  }

  std::map<SocketAddress, SocketAddress> listening() const {
    const std::lock_guard lock(mutex_);
    std::map<SocketAddress, SocketAddress> addresses;
    for (const auto& [address, listener] : listeners_) {
      addresses[address] = listener->actual();
    }
    return addresses;
  }

 private:
  using Failures = std::map<std::string, std::string>;  // what failed, and why

  void serve_at(const SocketAddress& address, std::vector<HttpEndpoint>& endpoints, Failures& failures) {
    std::shared_ptr<HttpTls> tls;
    if (const auto& options = endpoints.front().tls) {
      auto opened = HttpTls::open(*options, log_);
      if (!opened) {
        report(endpoints, opened.error(), failures);
        return;
      }
      tls = *std::move(opened);
    }
    auto found = listeners_.find(address);
    const bool is_new = found == listeners_.end();
    if (is_new) {
      auto opened = HttpListener::open(*loop_, address, limits_);
      if (!opened) {
        report(endpoints, opened.error(), failures);
        return;
      }
      found = listeners_.emplace(address, std::move(*opened)).first;
    }
    HttpRoutes routes;
    for (HttpEndpoint& endpoint : endpoints) {
      routes[endpoint.path] = std::move(endpoint.handler);
    }
    on_loop([&] {
      found->second->use(std::move(routes), std::move(tls));
      if (is_new) {
        found->second->accept();
      }
    });
  }

  // One line for each kind of endpoint, unless the last call had the same to say. A family that this host
  // does not have is nobody's fault.
  void report(const std::vector<HttpEndpoint>& endpoints, const Error& error, Failures& failures) {
    for (const HttpEndpoint& endpoint : endpoints) {
      if (error.code != Errc::Unsupported && failures.emplace(endpoint.on_failure, error.what).second) {
        const auto known = known_failures_.find(endpoint.on_failure);
        if (known == known_failures_.end() || known->second != error.what) {
          log_(LogLevel::Error, fmt::format("{}: {}", endpoint.on_failure, error.what));
        }
      }
    }
  }

  template <class Work>
  void on_loop(Work work) {
    std::promise<void> done;
    asio::post(*loop_, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  LogSink& log_;
  std::shared_ptr<HttpLimits> limits_;
  mutable std::mutex mutex_;
  bool is_stopped_ = false;
  std::optional<asio::io_context> loop_{std::in_place, 1};
  std::shared_ptr<HealthProbe> probe_ = std::make_shared<HealthProbe>(*loop_);
  std::map<SocketAddress, std::shared_ptr<HttpListener>> listeners_;
  Failures known_failures_;
  std::thread thread_;
};

HttpService::HttpService(LogSink& log, std::chrono::milliseconds timeout)
    : impl_(std::make_unique<Impl>(log, timeout)) {}

HttpService::~HttpService() {
  stop();
}

void HttpService::serve(std::vector<HttpEndpoint> endpoints) {
  impl_->serve(std::move(endpoints));
}
void HttpService::stop() {
  impl_->stop();
}
std::optional<HealthStatus> HttpService::health() const {
  return impl_->health();
}
std::map<SocketAddress, SocketAddress> HttpService::listening() const {
  return impl_->listening();
}

}  // namespace meshdns::admin
