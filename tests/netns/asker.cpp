#include "tests/netns/asker.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/netns/endpoint.hpp"

namespace meshdns::testing {
namespace {

constexpr std::size_t kMessageSize = 4096;
constexpr std::size_t kHeaderSize = 12;

std::string failure() {
  switch (errno) {
    case ECONNREFUSED:
      return "refused";
    case EAGAIN:
    case EINPROGRESS:
    case ETIMEDOUT:
      return "timeout";
    default:
      return fmt::format("error {}", std::strerror(errno));
  }
}

std::string query_for(const Question& question, std::uint16_t id) {
  using std::string_literals::operator""s;
  std::string query = {static_cast<char>(id / 256), static_cast<char>(id % 256)};
  query += "\1\0\0\1\0\0\0\0\0\0"s;
  std::istringstream labels(question.name);
  for (std::string label; std::getline(labels, label, '.');) {
    query += static_cast<char>(label.size()) + label;
  }
  return query + "\0\0"s + static_cast<char>(question.type) + "\0\1"s;
}

std::uint16_t number_at(const std::string& message, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(message.at(at)) * 256 +
                                    static_cast<std::uint8_t>(message.at(at + 1)));
}

// Past a name that ends in the root label or in a compression pointer.
std::size_t skip_name(const std::string& message, std::size_t at) {
  while (message.at(at) != 0) {
    const auto length = static_cast<std::uint8_t>(message[at]);
    if (length >= 0xc0) {
      return at + 2;
    }
    at += length + 1U;
  }
  return at + 1;
}

std::string first_address(const std::string& reply) {
  if (const int rcode = reply.at(3) & 0x0f; rcode != 0) {
    return fmt::format("rcode {}", rcode);
  }
  std::size_t at = skip_name(reply, kHeaderSize) + 4;
  for (int left = number_at(reply, 6); left > 0; --left) {
    at = skip_name(reply, at);
    const std::uint16_t type = number_at(reply, at);
    const std::size_t length = number_at(reply, at + 8);
    at += 10;
    if (type == 1 || type == 28) {
      char text[INET6_ADDRSTRLEN] = "";
      inet_ntop(type == 1 ? AF_INET : AF_INET6, reply.substr(at, length).data(), text, sizeof text);
      return text;
    }
    at += length;
  }
  return "no address";
}

class Client {
 public:
  Outcome ask(const Question& question) {
    const Endpoint server(question.server, question.port);
    const auto kept = kept_.find(question.keep);
    int fd = kept == kept_.end() ? -1 : kept->second;
    if (fd < 0) {
      fd = open_socket(question, server);
      if (fd < 0) {
        return {failure(), ""};
      }
    }
    Outcome outcome = exchange(fd, question, server);
    if (question.keep != 0) {
      kept_[question.keep] = fd;
    } else {
      if (question.reset) {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      }
      close(fd);
    }
    return outcome;
  }

 private:
  static int open_socket(const Question& question, const Endpoint& server) {
    const int fd = socket(server.family(), (question.tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const Endpoint source = Endpoint::any(server.family(), question.source_port);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if ((question.source_port != 0 && bind(fd, source.address(), source.size()) != 0) ||
        ((question.tcp || question.connected) && connect(fd, server.address(), server.size()) != 0)) {
      const int problem = errno;
      close(fd);
      errno = problem;
      return -1;
    }
    return fd;
  }

  Outcome exchange(int fd, const Question& question, const Endpoint& server) {
    const std::string query = query_for(question, ++id_);
    std::string sent = query;
    if (question.tcp) {
      sent.insert(0, {static_cast<char>(query.size() / 256), static_cast<char>(query.size() % 256)});
    }
    const bool names_server = !question.tcp && !question.connected;
    if (sendto(fd, sent.data(), sent.size(), MSG_NOSIGNAL, names_server ? server.address() : nullptr,
               names_server ? server.size() : 0) < 0) {
      return {failure(), ""};
    }
    std::array<char, kMessageSize> buffer{};
    Endpoint sender;
    socklen_t size = sender.size();
    const ssize_t length = recvfrom(fd, buffer.data(), buffer.size(), 0, sender.address(), &size);
    if (length <= 0) {
      return {length == 0 ? "error closed" : failure(), ""};
    }
    if (question.tcp) {
      size = sender.size();
      getpeername(fd, sender.address(), &size);
    }
    const std::string reply(buffer.data() + (question.tcp ? 2 : 0),
                            static_cast<std::size_t>(length) - (question.tcp ? 2U : 0U));
    if (reply.size() < kHeaderSize || number_at(reply, 0) != id_) {
      return {"error not a reply to the question", ""};
    }
    return {first_address(reply), fmt::format("{} {}", sender.ip(), sender.port())};
  }

  std::map<int, int> kept_;
  std::uint16_t id_ = 0;
};

// Requests and outcomes travel as words of text, one message each.
std::string to_text(const Question& question) {
  return fmt::format("{} {} {:d} {} {} {:d} {} {} {:d}", question.server, question.port, question.tcp,
                     question.name, question.type, question.connected, question.source_port, question.keep,
                     question.reset);
}

Question question_from(const std::string& text) {
  Question question;
  std::istringstream words(text);
  words >> question.server >> question.port >> question.tcp >> question.name >> question.type >>
      question.connected >> question.source_port >> question.keep >> question.reset;
  return question;
}

std::string receive_text(int channel) {
  std::array<char, kMessageSize> buffer{};
  const ssize_t length = recv(channel, buffer.data(), buffer.size(), 0);
  return {buffer.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

}  // namespace

Asker::Asker(uid_t user) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::runtime_error("socketpair failed");
  }
  channel_ = ends[0];
  process_ = std::make_unique<ChildProcess>([&](const ChildProcess::Ready& ready) {
    close(ends[0]);
    if (!become(user)) {
      return;
    }
    ready();
    Client client;
    for (std::string request = receive_text(ends[1]); !request.empty(); request = receive_text(ends[1])) {
      const Outcome outcome = client.ask(question_from(request));
      const std::string text = outcome.answer + '\n' + outcome.from;
      send(ends[1], text.data(), text.size(), MSG_NOSIGNAL);
    }
  });
  close(ends[1]);
}

Asker::~Asker() {
  close(channel_);
}

Outcome Asker::ask(const Question& question) const {
  const std::string request = to_text(question);
  send(channel_, request.data(), request.size(), MSG_NOSIGNAL);
  const std::string text = receive_text(channel_);
  const std::size_t split = text.find('\n');
  if (split == std::string::npos) {
    throw std::runtime_error("an asking process is gone");
  }
  return {text.substr(0, split), text.substr(split + 1)};
}

}  // namespace meshdns::testing
