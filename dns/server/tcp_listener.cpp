#include "dns/server/tcp_listener.hpp"

#include <chrono>
#include <utility>

namespace meshdns::server {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kSweepInterval{200};
constexpr std::chrono::milliseconds kAcceptPause{100};  // when the process is out of descriptors

}  // namespace

TcpListener::TcpListener(asio::io_context& loop, ListenSocket socket, const SocketAddress& actual,
                         const TcpListenerLimits& limits, std::size_t& open_connections,
                         QueryHandler& handler, base::Counters& counters, std::span<std::uint8_t> scratch)
    : acceptor_(loop, actual.ip.is_v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket.fd.release()),
      is_passed_(socket.is_passed),
      sweeper_(loop),
      limits_(limits),
      open_connections_(open_connections),
      handler_(handler),
      counters_(counters),
      scratch_(scratch) {}

void TcpListener::use(const Router& router) {
  router_ = &router;
  for (const auto& session : sessions_) {
    session->use(router);
  }
}

void TcpListener::start() {
  accept();
}

void TcpListener::accept() {
  acceptor_.async_accept(
      [self = shared_from_this()](const boost::system::error_code& error, asio::ip::tcp::socket socket) {
        if (!error) {
          self->take(std::move(socket));
        }
        if (!self->acceptor_.is_open()) {
          return;
        }
        if (!error) {
          self->accept();
          return;
        }
        self->sweeper_.expires_after(kAcceptPause);
        self->sweeper_.async_wait([self](const boost::system::error_code& aborted) {
          self->is_sweeping_ = false;
          if (!aborted) {
            self->accept();
            self->sweep();
          }
        });
      });
}

void TcpListener::take(asio::ip::tcp::socket socket) {
  if (open_connections_ >= limits_.max_connections) {
    forget_closed();
  }
  if (open_connections_ >= limits_.max_connections) {
    counters_.tcp_rejected.add();
    return;
  }
  counters_.tcp_accepted.add();
  ++open_connections_;
  auto session =
      std::make_shared<TcpSession>(std::move(socket), limits_.session, handler_, counters_, scratch_);
  session->use(*router_);
  sessions_.insert(session);
  session->start();
  if (is_finishing_) {
    session->finish();
  }
  if (!is_sweeping_) {
    sweep();
  }
}

// Looks at every connection now and then instead of keeping a timer for each.
void TcpListener::sweep() {
  const auto now = TcpSession::Clock::now();
  for (const auto& session : sessions_) {
    if (!session->is_closed() && session->is_overdue(now)) {
      counters_.tcp_cut.add();
      session->close();
    }
  }
  forget_closed();
  is_sweeping_ = !sessions_.empty();
  if (is_sweeping_) {
    sweeper_.expires_after(kSweepInterval);
    sweeper_.async_wait([self = shared_from_this()](const boost::system::error_code& aborted) {
      if (!aborted) {
        self->sweep();
      }
    });
  }
}

void TcpListener::forget_closed() {
  open_connections_ -= std::erase_if(
      sessions_, [](const std::shared_ptr<TcpSession>& session) { return session->is_closed(); });
}

bool TcpListener::has_connections() {
  forget_closed();
  return !sessions_.empty();
}

void TcpListener::finish() {
  is_finishing_ = true;
  // The kernel has shaken hands with those that wait in the backlog: they may have sent their query already.
  boost::system::error_code error;
  acceptor_.non_blocking(true, error);
  while (!is_passed_ && !error) {
    asio::ip::tcp::socket socket = acceptor_.accept(error);
    if (!error) {
      take(std::move(socket));
    }
  }
  acceptor_.close(error);
  for (const auto& session : sessions_) {
    session->finish();
  }
}

void TcpListener::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  sweeper_.cancel();
  for (const auto& session : sessions_) {
    session->close();
  }
  forget_closed();
}

}  // namespace meshdns::server
