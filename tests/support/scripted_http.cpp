#include "tests/support/scripted_http.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "dns/base/unique_fd.hpp"

namespace meshdns::support {
namespace {

void require(bool is_done, const char* what) {
  if (!is_done) {
    throw std::system_error(errno, std::generic_category(), what);
  }
}

base::UniqueFd listen_at(const sockaddr* address, socklen_t size) {
  base::UniqueFd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  require(fd.get() >= 0 && ::bind(fd.get(), address, size) == 0 && ::listen(fd.get(), 16) == 0, "listen");
  return fd;
}

base::UniqueFd listen_at_path(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

base::UniqueFd listen_at_loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

}  // namespace

class ScriptedHttp::Impl {
 public:
  Impl(base::UniqueFd listening, std::string socket, Script script)
      : listening_(std::move(listening)),
        socket_(std::move(socket)),
        script_(std::move(script)),
        end_(::eventfd(0, EFD_CLOEXEC)) {
    require(end_.get() >= 0, "eventfd");
    thread_ = std::thread([this] { run(); });
  }

  ~Impl() {
    const std::uint64_t one = 1;
    require(::write(end_.get(), &one, sizeof one) == sizeof one, "write");
    thread_.join();
    if (!socket_.empty()) {
      ::unlink(socket_.c_str());
    }
  }

  std::uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    require(::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0,
            "getsockname");
    return ntohs(address.sin_port);
  }

  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

  void follow(Script script) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(script);
  }

 private:
  // False: the end has come.
  bool wait_for(int fd) const {
    std::array<pollfd, 2> both{{{fd, POLLIN, 0}, {end_.get(), POLLIN, 0}}};
    while (::poll(both.data(), both.size(), -1) < 0) {
    }
    return (both[1].revents & POLLIN) == 0;
  }

  void run() {
    while (wait_for(listening_.get())) {
      base::UniqueFd client(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (client.get() >= 0) {
        serve(std::move(client));
      }
    }
  }

  void serve(base::UniqueFd client) {
    std::string request;
    while (!request.contains("\r\n\r\n")) {
      std::array<char, 4096> part;
      if (!wait_for(client.get())) {
        return;
      }
      const ssize_t size = ::recv(client.get(), part.data(), part.size(), 0);
      if (size <= 0) {
        return;
      }
      request.append(part.data(), static_cast<std::size_t>(size));
    }
    Script script;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      script = script_;
    }
    if (const auto response = script(request)) {
      for (std::size_t at = 0; at < response->size();) {
        const ssize_t sent = ::send(client.get(), response->data() + at, response->size() - at, MSG_NOSIGNAL);
        if (sent <= 0) {
          return;
        }
        at += static_cast<std::size_t>(sent);
      }
    } else {
      silent_.push_back(std::move(client));
    }
  }

  base::UniqueFd listening_;
  std::string socket_;
  mutable std::mutex mutex_;
  Script script_;
  std::vector<std::string> requests_;
  std::vector<base::UniqueFd> silent_;  // connections that get no answer
  base::UniqueFd end_;
  std::thread thread_;
};

ScriptedHttp::ScriptedHttp(const std::string& socket, Script script)
    : impl_(std::make_unique<Impl>(listen_at_path(socket), socket, std::move(script))) {}
ScriptedHttp::ScriptedHttp(Script script)
    : impl_(std::make_unique<Impl>(listen_at_loopback(), "", std::move(script))) {}
ScriptedHttp::~ScriptedHttp() = default;

std::uint16_t ScriptedHttp::port() const {
  return impl_->port();
}

std::vector<std::string> ScriptedHttp::requests() const {
  return impl_->requests();
}

void ScriptedHttp::follow(Script script) {
  impl_->follow(std::move(script));
}

std::string http_document(std::string_view body, std::string_view etag) {
  return fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{}",
                     etag.empty() ? "" : fmt::format("ETag: {}\r\n", etag), body.size(), body);
}

std::string http_status(std::string_view status_line, std::string_view more_header) {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: 0\r\n\r\n", status_line, more_header);
}

ScriptedHttp::Script document_script(std::string body, std::string etag) {
  return [body = std::move(body), etag = std::move(etag)](const std::string& request) -> HttpReaction {
    return request.contains("If-None-Match: " + etag + "\r\n")
               ? fmt::format("HTTP/1.1 304 Not Modified\r\nETag: {}\r\n\r\n", etag)
               : http_document(body, etag);
  };
}

}  // namespace meshdns::support
