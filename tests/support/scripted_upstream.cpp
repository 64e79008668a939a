#include "tests/support/scripted_upstream.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

namespace meshdns::support {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;

namespace {

void put16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void set16(Bytes& out, std::size_t at, std::size_t value) {
  out[at] = static_cast<std::uint8_t>(value >> 8);
  out[at + 1] = static_cast<std::uint8_t>(value);
}

}  // namespace

std::size_t SeenQuery::question_size() const {
  std::size_t end = 12;
  while (end < message.size() && message[end] != 0) {
    end += message[end] + 1U;
  }
  return end + 5 - 12;
}

std::string SeenQuery::question() const {
  std::string text;
  auto label = message.begin() + 12;
  for (; *label != 0; label += *label + 1) {
    text += (text.empty() ? "" : ".") + std::string(label + 1, label + 1 + *label);
  }
  return text + ' ' + std::to_string(label[1] << 8 | label[2]);
}

class ScriptedUpstream::Impl {
 public:
  Impl(Script script, bool with_tcp, std::string_view address)
      : script_(std::move(script)), address_(asio::ip::make_address(address)), udp_(loop_), acceptor_(loop_) {
    bind(with_tcp);
    receive();
    if (with_tcp) {
      accept();
    }
    thread_ = std::thread([this] { loop_.run(); });
  }

  ~Impl() {
    loop_.stop();
    thread_.join();
  }

  SocketAddress address() const {
    const std::string text = address_.to_string();
    return *SocketAddress::parse(address_.is_v6() ? '[' + text + ']' : text, port_);
  }

  std::vector<SeenQuery> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

  void follow(Script script) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(script);
  }

  void show_loop_probes() {
    const std::lock_guard lock(mutex_);
    shows_loop_probes_ = true;
  }

 private:
  struct Connection {
    explicit Connection(tcp::socket s) : socket(std::move(s)) {}
    tcp::socket socket;
    std::array<std::uint8_t, 2> size{};
    Bytes message;
  };

  // The TCP port of the same number may be taken: then another pair.
  void bind(bool with_tcp) {
    for (int attempt = 0; attempt < 20; ++attempt) {
      udp_ = udp::socket(loop_, udp::endpoint(address_, 0));
      port_ = udp_.local_endpoint().port();
      if (!with_tcp) {
        return;
      }
      boost::system::error_code taken;
      acceptor_ = tcp::acceptor(loop_, address_.is_v6() ? tcp::v6() : tcp::v4());
      acceptor_.bind({address_, port_}, taken);
      if (!taken) {
        acceptor_.listen();
        return;
      }
    }
    throw std::runtime_error("no free port pair");
  }

  Reaction react(SeenQuery query) {
    const std::lock_guard lock(mutex_);
    if (!shows_loop_probes_ && query.question().contains("._meshdns-loop")) {
      return {.messages = {make_reply(query, 0, 3)}};
    }
    seen_.push_back(query);
    return script_(query);
  }

  void receive() {
    udp_.async_receive_from(
        asio::buffer(datagram_), peer_, [this](boost::system::error_code failed, std::size_t n) {
          if (failed == asio::error::operation_aborted) {
            return;
          }
          if (!failed && n >= 12) {
            Reaction reaction =
                react({.message = Bytes(datagram_.begin(), datagram_.begin() + static_cast<long>(n)),
                       .is_tcp = false,
                       .source_port = peer_.port(),
                       .source = peer_.address().to_string()});
            later(reaction.delay, [this, peer = peer_, messages = std::move(reaction.messages)] {
              for (const Bytes& message : messages) {
                boost::system::error_code ignored;
                udp_.send_to(asio::buffer(message), peer, 0, ignored);
              }
            });
          }
          receive();
        });
  }

  template <class F>
  void later(std::chrono::milliseconds delay, F act) {
    if (delay.count() == 0) {
      act();
      return;
    }
    auto timer = std::make_shared<asio::steady_timer>(loop_, delay);
    timer->async_wait([timer, act = std::move(act)](boost::system::error_code) { act(); });
  }

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code failed, tcp::socket socket) {
      if (!failed) {
        read(std::make_shared<Connection>(std::move(socket)));
      }
      accept();
    });
  }

  void read(const std::shared_ptr<Connection>& connection) {
    asio::async_read(connection->socket, asio::buffer(connection->size),
                     [this, connection](boost::system::error_code failed, std::size_t) {
                       if (failed) {
                         return;
                       }
                       connection->message.resize(connection->size[0] << 8U | connection->size[1]);
                       read_rest(connection);
                     });
  }

  void read_rest(const std::shared_ptr<Connection>& connection) {
    asio::async_read(connection->socket, asio::buffer(connection->message),
                     [this, connection](boost::system::error_code failed, std::size_t n) {
                       if (failed || n < 12) {
                         return;
                       }
                       connection->socket.set_option(tcp::no_delay(true), failed);
                       const tcp::endpoint peer = connection->socket.remote_endpoint();
                       const Reaction reaction = react({.message = connection->message,
                                                        .is_tcp = true,
                                                        .source_port = peer.port(),
                                                        .source = peer.address().to_string()});
                       later(reaction.delay, [this, connection, reaction] { write(connection, reaction); });
                     });
  }

  void write(const std::shared_ptr<Connection>& connection, const Reaction& reaction) {
    boost::system::error_code ignored;
    for (const Bytes& message : reaction.messages) {
      Bytes framed;
      put16(framed, message.size());
      framed.insert(framed.end(), message.begin(), message.end());
      framed.resize(std::min(framed.size(), reaction.reset_after.value_or(framed.size())));
      const std::size_t piece = reaction.byte_by_byte ? 1 : framed.size();
      for (std::size_t at = 0; at < framed.size(); at += piece) {
        asio::write(connection->socket, asio::buffer(framed.data() + at, piece), ignored);
      }
    }
    if (reaction.reset_after) {
      connection->socket.set_option(asio::socket_base::linger(true, 0), ignored);
      connection->socket.close(ignored);
      return;
    }
    read(connection);
  }

  mutable std::mutex mutex_;  // guards the next three
  Script script_;
  std::vector<SeenQuery> seen_;
  bool shows_loop_probes_ = false;

  asio::ip::address address_;
  asio::io_context loop_;
  udp::socket udp_;
  tcp::acceptor acceptor_;
  udp::endpoint peer_;
  std::array<std::uint8_t, 4096> datagram_{};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

ScriptedUpstream::ScriptedUpstream(Script script, bool with_tcp, std::string_view address)
    : impl_(std::make_unique<Impl>(std::move(script), with_tcp, address)) {}
ScriptedUpstream::~ScriptedUpstream() = default;

SocketAddress ScriptedUpstream::address() const {
  return impl_->address();
}
std::vector<SeenQuery> ScriptedUpstream::seen() const {
  return impl_->seen();
}
std::set<std::string> ScriptedUpstream::questions() const {
  std::set<std::string> questions;
  for (const SeenQuery& query : seen()) {
    questions.insert(query.question());
  }
  return questions;
}
void ScriptedUpstream::follow(Script script) {
  impl_->follow(std::move(script));
}
void ScriptedUpstream::show_loop_probes() {
  impl_->show_loop_probes();
}

// Not a port that was free a moment ago: the asker's own socket may get that one, and would hear itself.
SocketAddress closed_port() {
  static std::atomic<std::uint16_t> last = 0;
  return {*IpAddress::parse("127.77.0.1"), ++last};
}

Bytes make_query(const QuerySpec& spec) {
  Bytes query;
  put16(query, spec.id);
  put16(query, spec.flags);
  put16(query, 1);
  put16(query, 0);
  put16(query, 0);
  put16(query, spec.with_opt ? 1 : 0);
  for (std::string_view rest = spec.name; !rest.empty();) {
    const std::string_view label = rest.substr(0, rest.find('.'));
    query.push_back(static_cast<std::uint8_t>(label.size()));
    query.insert(query.end(), label.begin(), label.end());
    rest.remove_prefix(std::min(label.size() + 1, rest.size()));
  }
  query.push_back(0);
  put16(query, spec.type);
  put16(query, spec.qclass);
  if (spec.with_opt) {
    query.push_back(0);
    put16(query, 41);
    put16(query, 4096);
    put16(query, 0);
    put16(query, spec.dnssec_ok ? 0x8000 : 0);
    put16(query, spec.opt_options.size());
    query.insert(query.end(), spec.opt_options.begin(), spec.opt_options.end());
  }
  return query;
}

Bytes make_reply(const SeenQuery& query, std::uint16_t addresses, std::uint16_t flags) {
  Bytes reply(query.message.begin(), query.message.begin() + 12 + static_cast<long>(query.question_size()));
  set16(reply, 2, 0x8080U | ((query.message[2] & 1U) << 8U) | flags);
  set16(reply, 6, addresses);
  set16(reply, 8, 0);
  set16(reply, 10, 0);
  for (std::uint16_t i = 0; i < addresses; ++i) {
    const std::array<std::uint8_t, 16> record{0xc0,
                                              12,
                                              0,
                                              1,
                                              0,
                                              1,
                                              0,
                                              0,
                                              0,
                                              60,
                                              0,
                                              4,
                                              10,
                                              0,
                                              static_cast<std::uint8_t>(i >> 8),
                                              static_cast<std::uint8_t>(i)};
    reply.insert(reply.end(), record.begin(), record.end());
  }
  return reply;
}

Reaction answer(const SeenQuery& query) {
  return {.messages = {make_reply(query, 1)}};
}

Reaction silence(const SeenQuery&) {
  return {};
}

ScriptedUpstream::Script fail_with(std::uint16_t rcode) {
  return [rcode](const SeenQuery& query) { return Reaction{.messages = {make_reply(query, 0, rcode)}}; };
}

ScriptedUpstream::Script answer_after(std::chrono::milliseconds delay) {
  return [delay](const SeenQuery& query) {
    return Reaction{.messages = {make_reply(query, 1)}, .delay = delay};
  };
}

}  // namespace meshdns::support
