// Certificates for tests: an authority of our own, and what it signs. Made anew in every run.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace meshdns::support {

struct Certificate {
  std::string pem;
  std::string key_pem;
};

class CertificateAuthority {
 public:
  CertificateAuthority();
  ~CertificateAuthority();

  const std::string& pem() const { return pem_; }

  // For `name` in OpenSSL's words: `DNS:dns.example.org`, `IP:127.0.0.1`.
  Certificate issue(std::string_view name) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string pem_;
};

}  // namespace meshdns::support
