#include "dns/corefile/web_config.hpp"

#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "dns/corefile/fault.hpp"
#include "dns/corefile/text_files.hpp"

namespace meshdns::corefile {
namespace {

struct WebConfigFault {
  YAML::Mark at;
  std::string what;
};

// Of one file. Everything throws WebConfigFault.
class WebConfigReader {
 public:
  explicit WebConfigReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  HttpTlsOptions read(const YAML::Node& document) {
    if (!document.IsMap() || !document["tls_server_config"].IsMap()) {
      throw WebConfigFault{document.Mark(), "no 'tls_server_config' with members in it"};
    }
    for (const auto& member : document) {
      const std::string& key = member.first.Scalar();
      if (key == "basic_auth_users") {
        throw WebConfigFault{member.first.Mark(),
                             "basic_auth_users is not supported, expected client certificates"};
      }
      if (key != "tls_server_config" && key != "http_server_config") {
        throw WebConfigFault{member.first.Mark(), fmt::format("unknown key '{}'", key)};
      }
    }
    for (const auto& member : document["tls_server_config"]) {
      take(member.first, member.second);
    }
    if (options_.certificate.empty() || options_.key.empty()) {
      throw WebConfigFault{document["tls_server_config"].Mark(), "expected both 'cert_file' and 'key_file'"};
    }
    if ((options_.client == ClientCertificate::NotAsked) != options_.client_ca.empty()) {
      throw WebConfigFault{document["tls_server_config"].Mark(),
                           "'client_ca_file' goes with a 'client_auth_type' that checks certificates, "
                           "expected both or none"};
    }
    return options_;
  }

 private:
  void take(const YAML::Node& key, const YAML::Node& value) {
    const std::string& name = key.Scalar();
    if (!value.IsScalar() || value.Scalar().empty()) {
      throw WebConfigFault{key.Mark(), fmt::format("'{}' has no single value", name)};
    }
    if (name == "cert_file") {
      options_.certificate = path_of(value);
    } else if (name == "key_file") {
      options_.key = path_of(value);
    } else if (name == "client_ca_file") {
      options_.client_ca = path_of(value);
    } else if (name == "client_auth_type") {
      options_.client = client_of(value);
    } else if (name == "min_version") {
      options_.only_tls13 = is_tls13(value);
    } else {
      throw WebConfigFault{key.Mark(),
                           fmt::format("'{}' is not supported, expected cert_file, key_file, client_ca_file, "
                                       "client_auth_type or min_version",
                                       name)};
    }
  }

  std::string path_of(const YAML::Node& value) const { return folder_ / value.Scalar(); }

  static ClientCertificate client_of(const YAML::Node& value) {
    struct Word {
      std::string_view word;
      ClientCertificate meaning;
    };
    static constexpr std::array kWords = {
        Word{"NoClientCert", ClientCertificate::NotAsked},
        Word{"VerifyClientCertIfGiven", ClientCertificate::CheckedIfGiven},
        Word{"RequireAndVerifyClientCert", ClientCertificate::Required},
    };
    for (const Word& known : kWords) {
      if (known.word == value.Scalar()) {
        return known.meaning;
      }
    }
    throw WebConfigFault{value.Mark(),
                         fmt::format("client_auth_type '{}', expected NoClientCert, VerifyClientCertIfGiven "
                                     "or RequireAndVerifyClientCert",
                                     value.Scalar())};
  }

  static bool is_tls13(const YAML::Node& value) {
    if (value.Scalar() != "TLS12" && value.Scalar() != "TLS13") {
      throw WebConfigFault{value.Mark(),
                           fmt::format("min_version '{}', expected TLS12 or TLS13", value.Scalar())};
    }
    return value.Scalar() == "TLS13";
  }

  std::filesystem::path folder_;
  HttpTlsOptions options_;
};

std::unexpected<Error> web_config_error(const std::filesystem::path& path, const YAML::Mark& at,
                                        std::string_view what) {
  const YAML::Mark place = at.is_null() ? YAML::Mark() : at;  // an empty document has no place
  return config_error(fmt::format("{}:{}:{}: {}", path.string(), place.line + 1, place.column + 1, what));
}

}  // namespace

Result<HttpTlsOptions> read_web_config(const std::filesystem::path& path) {
  const auto text = read_text_file(path, FileKinds::Regular);
  if (!text) {
    return std::unexpected(text.error());
  }
  try {
    return WebConfigReader(path.parent_path()).read(YAML::Load(*text));
  } catch (const WebConfigFault& fault) {
    return web_config_error(path, fault.at, fault.what);
  } catch (const YAML::Exception& fault) {
    return web_config_error(path, fault.mark, fault.msg);
  }
}

}  // namespace meshdns::corefile
