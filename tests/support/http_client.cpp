#include "tests/support/http_client.hpp"

#include <array>
#include <cstdlib>

#include <poll.h>
#include <sys/socket.h>

#include "dns/server/socket_address.hpp"

namespace meshdns::test {

HttpClient::HttpClient(const SocketAddress& server)
    : fd_(::socket(server.ip.is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const server::KernelAddress kernel = server::to_kernel(server);
  if (::connect(fd_.get(), kernel.get(), kernel.size) != 0) {
    fd_.reset();
  }
}

bool HttpClient::send(std::string_view octets) {
  while (!octets.empty()) {
    const auto sent = ::send(fd_.get(), octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::optional<HttpAnswer> HttpClient::receive(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const std::size_t end = received_.find("\r\n\r\n");
    if (received_.ends_with("\r\n0\r\n\r\n") && received_.find("Transfer-Encoding: chunked") < end) {
      if (auto answer = take_chunked(end)) {
        return answer;
      }
    }
    const std::size_t length_at = received_.find("Content-Length: ");
    if (end != std::string::npos && length_at < end) {
      const std::size_t size = std::strtoul(&received_[length_at + 16], nullptr, 10);
      if (received_.size() >= end + 4 + size) {
        HttpAnswer answer{.status = std::atoi(&received_[9]),
                          .head = received_.substr(0, end),
                          .body = received_.substr(end + 4, size)};
        received_.erase(0, end + 4 + size);
        return answer;
      }
    }
    if (!read_some(deadline)) {
      return {};
    }
  }
}

// None: the last chunk is not there yet.
std::optional<HttpAnswer> HttpClient::take_chunked(std::size_t head_size) {
  HttpAnswer answer{.status = std::atoi(&received_[9]), .head = received_.substr(0, head_size), .body = {}};
  for (std::size_t at = head_size + 4;;) {
    const std::size_t line_end = received_.find("\r\n", at);
    if (line_end == std::string::npos) {
      return {};
    }
    const std::size_t size = std::strtoul(&received_[at], nullptr, 16);
    if (received_.size() < line_end + 2 + size + 2) {
      return {};
    }
    answer.body += received_.substr(line_end + 2, size);
    at = line_end + 2 + size + 2;
    if (size == 0) {
      received_.erase(0, at);
      return answer;
    }
  }
}

std::optional<HttpAnswer> HttpClient::get(std::string_view target) {
  if (!send("GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")) {
    return {};
  }
  return receive();
}

bool HttpClient::ends_within(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (read_some(deadline)) {
  }
  return std::chrono::steady_clock::now() < deadline;
}

// False: the end, an error, or nothing in time.
bool HttpClient::read_some(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd readable{fd_.get(), POLLIN, 0};
  if (left.count() <= 0 || ::poll(&readable, 1, static_cast<int>(left.count())) <= 0) {
    return false;
  }
  std::array<char, 4096> octets;
  const auto count = ::recv(fd_.get(), octets.data(), octets.size(), 0);
  if (count <= 0) {
    return false;
  }
  received_.append(octets.data(), static_cast<std::size_t>(count));
  return true;
}

std::optional<HttpAnswer> http_get(const SocketAddress& server, std::string_view target) {
  HttpClient client(server);
  return client.is_connected() ? client.get(target) : std::nullopt;
}

}  // namespace meshdns::test
