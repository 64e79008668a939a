// HTTP over TLS, as a scraper that checks certificates sees it.
#include <filesystem>
#include <fstream>
#include <mutex>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns/admin/http_service.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/http_client.hpp"

namespace meshdns::admin {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace asio = boost::asio;
namespace fs = std::filesystem;

class Https : public ::testing::Test {
 protected:
  Https() {
    std::string path = (fs::temp_directory_path() / "meshdns-https-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
    write("ca.pem", authority.pem());
    show(authority.issue("DNS:metrics.example.org"));
  }
  ~Https() override {
    service.stop();
    fs::remove_all(folder_);
  }

  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  void show(const support::Certificate& certificate) const {
    write("server.pem", certificate.pem);
    write("server.key", certificate.key_pem);
  }

  void serve(ClientCertificate client = ClientCertificate::NotAsked) {
    service.serve({{.address = any_port(),
                    .path = "/metrics",
                    .handler = [](const HttpRequest&) { return HttpResponse{.body = "up 1\n"}; },
                    .on_failure = "cannot offer metrics",
                    .tls = HttpTlsOptions{.certificate = folder_ / "server.pem",
                                          .key = folder_ / "server.key",
                                          .client_ca = folder_ / "ca.pem",
                                          .client = client}}});
  }

  static SocketAddress any_port() { return SocketAddress::parse("127.0.0.1:0", 0).value(); }
  SocketAddress address() const { return service.listening().at(any_port()); }

  // What the server sends until it closes, or why nothing could be asked.
  std::string get(std::string_view server_name, const support::Certificate* mine = nullptr) const {
    asio::ssl::context context(asio::ssl::context::tls_client);
    context.add_certificate_authority(asio::buffer(authority.pem()));
    if (mine) {
      context.use_certificate_chain(asio::buffer(mine->pem));
      context.use_private_key(asio::buffer(mine->key_pem), asio::ssl::context::pem);
    }
    asio::io_context loop;
    asio::ssl::stream<asio::ip::tcp::socket> stream(loop, context);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(std::string(server_name)));
    stream.next_layer().connect({asio::ip::address_v4::loopback(), address().port});
    boost::system::error_code failed;
    stream.handshake(asio::ssl::stream_base::client, failed);
    if (failed) {
      return failed.message();
    }
    const std::string_view request = "GET /metrics HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n";
    asio::write(stream, asio::buffer(request), failed);
    std::string received;
    asio::read(stream, asio::dynamic_buffer(received), failed);
    return received.empty() ? failed.message() : received;
  }

  support::CertificateAuthority authority;
  std::mutex mutex;
  std::vector<std::string> lines;
  LogSink sink = [this](LogLevel, std::string_view text) {
    const std::lock_guard lock(mutex);
    lines.emplace_back(text);
  };
  HttpService service{sink, 5s};

 private:
  fs::path folder_;
};

TEST_F(Https, ShowsItsCertificate) {
  serve();
  EXPECT_THAT(get("metrics.example.org"), AllOf(HasSubstr("200 OK"), HasSubstr("up 1")));
  EXPECT_THAT(get("other.example.org"), HasSubstr("certificate verify failed"));
}

TEST_F(Https, SaysNothingInClearText) {
  serve();
  const auto answer = test::http_get(address(), "/metrics");
  EXPECT_FALSE(answer) << answer->body;
}

TEST_F(Https, WantsACertificateOfTheAuthority) {
  serve(ClientCertificate::Required);
  const support::Certificate known = authority.issue("DNS:scraper.example.org");
  const support::Certificate stranger = support::CertificateAuthority().issue("DNS:scraper.example.org");
  EXPECT_THAT(get("metrics.example.org", &known), HasSubstr("up 1"));
  EXPECT_THAT(get("metrics.example.org"), HasSubstr("certificate required"));
  EXPECT_THAT(get("metrics.example.org", &stranger), HasSubstr("alert"));
}

TEST_F(Https, ACertificateIsCheckedIfThereIsOne) {
  serve(ClientCertificate::CheckedIfGiven);
  const support::Certificate stranger = support::CertificateAuthority().issue("DNS:scraper.example.org");
  EXPECT_THAT(get("metrics.example.org"), HasSubstr("up 1"));
  EXPECT_THAT(get("metrics.example.org", &stranger), HasSubstr("alert"));
}

TEST_F(Https, ARenewedCertificateCountsAtOnce) {
  serve();
  show(authority.issue("DNS:renewed.example.org"));
  EXPECT_THAT(get("renewed.example.org"), HasSubstr("up 1"));
}

TEST_F(Https, ACertificateThatBreaksLeavesTheLastOneInUse) {
  serve();
  write("server.pem", "nonsense");
  EXPECT_THAT(get("metrics.example.org"), HasSubstr("up 1"));
  EXPECT_THAT(get("metrics.example.org"), HasSubstr("up 1"));
  const std::lock_guard lock(mutex);
  EXPECT_THAT(lines, ElementsAre(AllOf(HasSubstr("server.pem"), HasSubstr("last good certificate"))));
}

TEST_F(Https, WithoutACertificateNothingIsOffered) {
  write("server.key", "nonsense");
  serve();
  EXPECT_THAT(service.listening(), IsEmpty());
  const std::lock_guard lock(mutex);
  EXPECT_THAT(lines, ElementsAre(AllOf(HasSubstr("cannot offer metrics"), HasSubstr("server.key"))));
}

}  // namespace
}  // namespace meshdns::admin
