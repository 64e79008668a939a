// TlsChannel: one TLS connection to one upstream (RFC 7858), by OpenSSL through Asio. The only file that
// knows OpenSSL is its .cpp.
//
// The connection and the handshake begin with the first message. A reply is believed only after the
// certificate was: nobody is asked over a connection that cannot be verified.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

#include "dns/forward/channel.hpp"

namespace meshdns::forward {

// What certificates are trusted, and which one is shown. Immutable; shared by workers.
class TlsContext;

// Reads the files. Errors: FileUnreadable, InvalidConfig.
Result<std::shared_ptr<const TlsContext>> make_tls_context(const TlsOptions& options);

class TlsChannel final : public Channel, public std::enable_shared_from_this<TlsChannel> {
 public:
  TlsChannel(ChannelContext& context, const Upstream& upstream);  // with `tls`
  ~TlsChannel() override;

  bool has(std::uint16_t id) const override { return on_their_way_.contains(id); }
  bool is_idle() const override { return on_their_way_.empty(); }
  void send(std::span<const std::uint8_t> message, std::size_t question_size, OnEnd on_end) override;
  bool forget(std::uint16_t id) override;

 private:
  struct Stream;  // what OpenSSL and Asio need, and the octets that they work on
  struct Message {
    std::vector<std::uint8_t> question;
    OnEnd on_end;
  };

  void connect();
  void handshake();
  void write();
  void read_size();
  void read_message();
  void take_message();
  void end(std::uint16_t id, const Ended& ended);
  void fail(int error, std::string reason);

  ChannelContext& context_;
  std::shared_ptr<Stream> stream_;  // shared with the operations under way
  bool is_ready_ = false;           // the handshake is done
  bool is_writing_ = false;
  bool has_answered_ = false;
  std::vector<std::uint8_t> unsent_;  // framed messages
  std::unordered_map<std::uint16_t, Message> on_their_way_;
};

}  // namespace meshdns::forward
