// `prometheus { tls FILE }`: what the file may say.
#include "dns/corefile/web_config.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/dns/corefile/one_block.hpp"

namespace meshdns::corefile {
namespace {

namespace fs = std::filesystem;

class WebConfig : public ::testing::Test {
 protected:
  WebConfig() {
    std::string path = (fs::temp_directory_path() / "meshdns-web-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    folder_ = path;
  }
  ~WebConfig() override { fs::remove_all(folder_); }

  fs::path file() const { return folder_ / "web.yml"; }
  std::string in_folder(std::string_view name) const { return folder_ / name; }

  Result<HttpTlsOptions> read(std::string_view text) const {
    std::ofstream(file()) << text;
    return read_web_config(file());
  }

  // Without the path.
  std::string fault(std::string_view text) const {
    const auto options = read(text);
    return options ? "no fault" : options.error().what.substr(file().string().size());
  }

 private:
  fs::path folder_;
};

TEST_F(WebConfig, PathsBeginInItsOwnFolder) {
  const auto options = read("tls_server_config:\n  cert_file: server.pem\n  key_file: /keys/server.key\n");
  ASSERT_TRUE(options) << options.error().what;
  EXPECT_EQ(*options, (HttpTlsOptions{.certificate = in_folder("server.pem"), .key = "/keys/server.key"}));
}

TEST_F(WebConfig, ClientsMayBeAskedForCertificates) {
  const auto options = read(
      "tls_server_config:\n  cert_file: a\n  key_file: b\n  client_ca_file: c\n"
      "  client_auth_type: RequireAndVerifyClientCert\n  min_version: TLS13\nhttp_server_config:\n  http2: "
      "false\n");
  ASSERT_TRUE(options) << options.error().what;
  EXPECT_EQ(*options, (HttpTlsOptions{.certificate = in_folder("a"),
                                      .key = in_folder("b"),
                                      .client_ca = in_folder("c"),
                                      .client = ClientCertificate::Required,
                                      .only_tls13 = true}));
}

TEST_F(WebConfig, IsTheOneOfTheCorefile) {
  ASSERT_TRUE(read("tls_server_config: {cert_file: server.pem, key_file: server.key}"));
  const BlockOptions block = good(fmt::format("prometheus :9153 {{\n tls {}\n}}", file().string()));
  ASSERT_TRUE(block.prometheus && block.prometheus->tls);
  EXPECT_EQ(block.prometheus->tls->certificate, in_folder("server.pem"));
  EXPECT_FALSE(good("prometheus").prometheus->tls);
}

TEST_F(WebConfig, SaysWhereItIsWrong) {
  const std::pair<std::string_view, std::string_view> faults[] = {
      {"", ":1:1: no 'tls_server_config' with members in it"},
      {"tls_server_config:\n", ":1:1: no 'tls_server_config' with members in it"},
      {"tls_server_config:\n  cert_file: a\n", ":2:3: expected both 'cert_file' and 'key_file'"},
      {"tls_server_config:\n  cert_file: [a]\n", ":2:3: 'cert_file' has no single value"},
      {"tls_server_config:\n  cert_file: a\n  cipher_suites: b\n",
       ":3:3: 'cipher_suites' is not supported, expected cert_file, key_file, client_ca_file, "
       "client_auth_type "
       "or min_version"},
      {"tls_server_config:\n  client_auth_type: RequestClientCert\n",
       ":2:21: client_auth_type 'RequestClientCert', expected NoClientCert, VerifyClientCertIfGiven or "
       "RequireAndVerifyClientCert"},
      {"tls_server_config:\n  min_version: SSL3\n", ":2:16: min_version 'SSL3', expected TLS12 or TLS13"},
      {"tls_server_config:\n  cert_file: a\n  key_file: b\n  client_ca_file: c\n",
       ":2:3: 'client_ca_file' goes with a 'client_auth_type' that checks certificates, expected both or "
       "none"},
      {"tls_server_config: {cert_file: a, key_file: b}\nbasic_auth_users:\n  me: x\n",
       ":2:1: basic_auth_users is not supported, expected client certificates"},
      {"tls_server_config: {cert_file: a, key_file: b}\nother: 1\n", ":2:1: unknown key 'other'"},
      {"tls_server_config: {\n", ":2:1: end of map flow not found"},
  };
  for (const auto& [text, expected] : faults) {
    EXPECT_EQ(fault(text), expected) << text;
  }
}

}  // namespace
}  // namespace meshdns::corefile
