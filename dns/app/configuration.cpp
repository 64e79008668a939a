#include "dns/app/configuration.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dns/forward/forward_plan.hpp"

extern const char kDefaultCorefileText[];

namespace meshdns::app {
namespace {

constexpr const char* kWorkingFolderCorefile = "Corefile";
constexpr const char* kMeshVariable = "MESHDNS_MESH";

// A terminal or /dev/null is no input, as CoreDNS has it.
bool stdin_has_text() {
  struct stat input{};
  return fstat(STDIN_FILENO, &input) == 0 && !S_ISCHR(input.st_mode);
}

Result<Corefile> load_file(const std::string& path, std::string_view loader,
                           const CorefileDefaults& defaults) {
  auto corefile = load_corefile(path, defaults);
  if (!corefile && corefile.error().code == Errc::FileUnreadable) {
    corefile.error().what = fmt::format("loading Caddyfile via {}: {}", loader, corefile.error().what);
  }
  return corefile;
}

// kuma-dp writes the Corefile itself, without a mesh zone: what stands behind `mesh` comes from the
// environment then. It holds for blocks that forward; one that answers everything by itself has another
// purpose.
Result<void> add_mesh_of_environment(Corefile& corefile) {
  const char* text = std::getenv(kMeshVariable);
  if (text == nullptr || *text == '\0') {
    return {};
  }
  const auto mesh = parse_corefile(fmt::format(". {{\nmesh {}\n}}\n", text), kMeshVariable);
  if (!mesh) {
    return std::unexpected(mesh.error());
  }
  for (BlockOptions& block : corefile.options.blocks) {
    if (!block.mesh && !block.forward.empty()) {
      block.mesh = mesh->options.blocks.front().mesh;
    }
  }
  return {};
}

// One block per port, because a block listens on all its addresses with the same port.
std::vector<BlockOptions> listen_on(const BlockOptions& block, const std::vector<SocketAddress>& addresses) {
  std::vector<BlockOptions> blocks;
  for (const SocketAddress& address : addresses) {
    auto of_port =
        std::ranges::find(blocks, address.port, [](const auto& b) { return b.listen.front().port; });
    if (of_port == blocks.end()) {
      of_port = blocks.insert(of_port, block);
      of_port->listen.clear();
    }
    if (std::ranges::find(of_port->listen, address) == of_port->listen.end()) {
      of_port->listen.push_back(address);
    }
  }
  return blocks;
}

}  // namespace

Result<Corefile> Configuration::load() {
  if (command_line_.has_shorthands()) {
    return load_builtin();
  }
  auto corefile = load_given();
  if (corefile && corefile->options.blocks.empty()) {
    return load_builtin();
  }
  if (corefile) {
    if (auto added = add_mesh_of_environment(*corefile); !added) {
      return std::unexpected(std::move(added.error()));
    }
  }
  return corefile;
}

Result<Corefile> Configuration::load_given() {
  const CorefileDefaults defaults{.dns_port = command_line_.dns_port.value_or(kDefaultPort)};
  if (command_line_.conf == "stdin") {
    if (!stdin_text_ && stdin_has_text()) {
      stdin_text_ = std::string(std::istreambuf_iterator<char>(std::cin), {});
    }
    if (stdin_text_) {
      return parse_corefile(*stdin_text_, "/dev/stdin", defaults);
    }
  } else if (!command_line_.conf.empty()) {
    return load_file(command_line_.conf, "flag", defaults);
  }
  std::error_code failed;
  if (!std::filesystem::exists(kWorkingFolderCorefile, failed) && !failed) {
    return Corefile{};
  }
  return load_file(kWorkingFolderCorefile, "default", defaults);
}

Result<Corefile> Configuration::load_builtin() const {
  auto corefile = parse_corefile(kDefaultCorefileText, "built-in Corefile",
                                 {.dns_port = command_line_.dns_port.value_or(kBuiltinCorefilePort)});
  if (!corefile) {
    return corefile;
  }
  auto& blocks = corefile->options.blocks;
  if (!command_line_.zones.empty()) {
    blocks.front().mesh->source.paths = command_line_.zones;
  }
  if (!command_line_.upstreams.empty()) {
    blocks.front().forward.front().to.assign(command_line_.upstreams.begin(), command_line_.upstreams.end());
  } else if (const auto plan = forward::make_forward_plan(corefile->options, {}); !plan) {
    blocks.front().forward.clear();
    corefile->warnings.push_back(plan.error().what + "; only mesh names are answered");
  }
  if (!command_line_.listen.empty()) {
    blocks = listen_on(blocks.front(), command_line_.listen);
  }
  return corefile;
}

}  // namespace meshdns::app
