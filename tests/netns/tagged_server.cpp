#include "tests/netns/tagged_server.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <new>
#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/netns/endpoint.hpp"

namespace meshdns::testing {

struct TaggedServer::Log {
  static constexpr std::size_t kEntries = 1024;
  std::atomic<std::uint32_t> size{0};
  std::array<std::array<char, 128>, kEntries> questions{};

  void add(const std::string& question) {
    if (const std::uint32_t index = size.load(); index < kEntries) {
      question.copy(questions[index].data(), questions[index].size() - 1);
      size.store(index + 1);
    }
  }
};

namespace {

constexpr std::size_t kHeaderSize = 12;

// The question section of a query with one question, or nothing.
std::string question_of(const std::string& query) {
  std::size_t end = kHeaderSize;
  while (end < query.size() && query[end] != 0) {
    end += static_cast<std::uint8_t>(query[end]) + 1U;
  }
  end += 5;  // the root label, type and class
  return end <= query.size() ? query.substr(kHeaderSize, end - kHeaderSize) : "";
}

std::string describe(const std::string& question) {
  std::string name;
  std::size_t at = 0;
  while (question[at] != 0) {
    const auto length = static_cast<std::uint8_t>(question[at]);
    name += (name.empty() ? "" : ".") + question.substr(at + 1, length);
    at += length + 1U;
  }
  return fmt::format("{} {}", name, static_cast<std::uint8_t>(question[at + 2]));
}

std::string answer(const std::string& query, const std::string& question, const std::string& tag) {
  std::array<char, 4> address{};
  inet_pton(AF_INET, tag.c_str(), address.data());
  using std::string_literals::operator""s;
  return query.substr(0, 2) + "\x81\x80\0\1\0\1\0\0\0\0"s + question + "\xc0\x0c\0\1\0\1\0\0\0\0\0\4"s +
         std::string(address.data(), address.size());
}

int open_listener(const Endpoint& endpoint, int type) {
  const int fd = socket(endpoint.family(), type | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, endpoint.address(), endpoint.size()) != 0 || (type == SOCK_STREAM && listen(fd, 64) != 0)) {
    throw std::runtime_error("cannot listen");
  }
  return fd;
}

class Loop {
 public:
  Loop(const TaggedServer::Options& options, std::function<void(const std::string&)> log)
      : tag_(options.tag), log_(std::move(log)) {
    for (const std::string& address : options.listen) {
      const Endpoint endpoint(address, options.port);
      datagrams_.push_back(open_listener(endpoint, SOCK_DGRAM));
      listeners_.push_back(open_listener(endpoint, SOCK_STREAM));
    }
  }

  [[noreturn]] void run() {
    while (true) {
      std::vector<pollfd> waited;
      const auto wait_for = [&](int fd) { waited.push_back({.fd = fd, .events = POLLIN, .revents = 0}); };
      std::ranges::for_each(datagrams_, wait_for);
      std::ranges::for_each(listeners_, wait_for);
      for (const auto& [fd, received] : connections_) {
        wait_for(fd);
      }
      poll(waited.data(), waited.size(), -1);
      for (const pollfd& ready : waited) {
        if (ready.revents != 0) {
          serve(ready.fd);
        }
      }
    }
  }

 private:
  void serve(int fd) {
    if (std::ranges::find(datagrams_, fd) != datagrams_.end()) {
      serve_datagram(fd);
    } else if (std::ranges::find(listeners_, fd) != listeners_.end()) {
      if (const int connection = accept(fd, nullptr, nullptr); connection >= 0) {
        connections_[connection];
      }
    } else {
      serve_connection(fd);
    }
  }

  std::string reply_to(const std::string& query) {
    const std::string question = question_of(query);
    if (question.empty()) {
      return "";
    }
    log_(describe(question));
    return answer(query, question, tag_);
  }

  void serve_datagram(int fd) {
    std::array<char, 4096> buffer{};
    sockaddr_storage sender{};
    socklen_t size = sizeof sender;
    auto* from = reinterpret_cast<sockaddr*>(&sender);
    const ssize_t length = recvfrom(fd, buffer.data(), buffer.size(), 0, from, &size);
    if (length > 0) {
      const std::string reply = reply_to(std::string(buffer.data(), static_cast<std::size_t>(length)));
      sendto(fd, reply.data(), reply.size(), 0, from, size);
    }
  }

  void serve_connection(int fd) {
    std::array<char, 4096> buffer{};
    const ssize_t length = recv(fd, buffer.data(), buffer.size(), 0);
    if (length <= 0) {
      close(fd);
      connections_.erase(fd);
      return;
    }
    std::string& received = connections_[fd];
    received.append(buffer.data(), static_cast<std::size_t>(length));
    while (received.size() >= 2) {
      const std::size_t size =
          static_cast<std::uint8_t>(received[0]) * 256U + static_cast<std::uint8_t>(received[1]);
      if (received.size() < size + 2) {
        break;
      }
      std::string reply = reply_to(received.substr(2, size));
      reply.insert(0, {static_cast<char>(reply.size() / 256), static_cast<char>(reply.size() % 256)});
      send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
      received.erase(0, size + 2);
    }
  }

  std::string tag_;
  std::function<void(const std::string&)> log_;
  std::vector<int> datagrams_;
  std::vector<int> listeners_;
  std::map<int, std::string> connections_;  // with what was received and is not a whole message yet
};

}  // namespace

TaggedServer::TaggedServer(const Options& options) {
  void* memory = mmap(nullptr, sizeof(Log), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::runtime_error("mmap failed");
  }
  log_ = new (memory) Log;
  process_ = std::make_unique<ChildProcess>([&](const ChildProcess::Ready& ready) {
    if (!options.prepare || options.prepare()) {
      Loop loop(options, [&](const std::string& question) { log_->add(question); });
      ready();
      loop.run();
    }
  });
}

TaggedServer::~TaggedServer() {
  process_.reset();
  munmap(log_, sizeof(Log));
}

std::vector<std::string> TaggedServer::asked() const {
  std::vector<std::string> found;
  found.reserve(log_->size.load());
  for (std::uint32_t index = 0; index < log_->size.load(); ++index) {
    found.emplace_back(log_->questions[index].data());
  }
  return found;
}

}  // namespace meshdns::testing
