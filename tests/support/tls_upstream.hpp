// TlsUpstream: a DNS server on loopback that speaks TLS and does to each query what a test's script says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <meshdns/address.hpp>

#include "tests/support/certificates.hpp"
#include "tests/support/scripted_upstream.hpp"

namespace meshdns::support {

class TlsUpstream {
 public:
  // `client_ca`: clients must show a certificate of this authority (PEM); empty: none.
  TlsUpstream(ScriptedUpstream::Script script, const Certificate& certificate,
              const std::string& client_ca = {});
  ~TlsUpstream();

  SocketAddress address() const;
  std::vector<SeenQuery> seen() const;
  std::vector<std::string> names() const;  // that clients asked for (SNI), one per handshake; "" for none
  std::size_t connections() const;         // accepted so far
  void close_connections();                // as a server does with idle ones

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace meshdns::support
