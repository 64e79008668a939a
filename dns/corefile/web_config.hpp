// The file that `prometheus { tls FILE }` names: the web configuration that Prometheus's exporters share,
// YAML.
#pragma once

#include <filesystem>

#include <meshdns/options.hpp>
#include <meshdns/result.hpp>

namespace meshdns::corefile {

// Relative paths in it begin in its own folder. The PEM files are not looked at. Errors: FileUnreadable,
// InvalidConfig (`FILE:line:column: message`).
Result<HttpTlsOptions> read_web_config(const std::filesystem::path& path);

}  // namespace meshdns::corefile
