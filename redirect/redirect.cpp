#include <meshdns/redirect.hpp>

#include "redirect/backend/nftables_backend.hpp"
#include "redirect/host/state_folder.hpp"
#include "redirect/installation.hpp"
#include "redirect/record.hpp"

namespace meshdns {

Result<void> install_redirect(const RedirectSpec& spec) {
  const redirect::InstallSettings settings;
  const Result<redirect::Prepared> prepared = redirect::prepare(spec, settings);
  if (!prepared) {
    return std::unexpected(prepared.error());
  }
  const auto installed = redirect::install(*prepared, settings);
  return installed ? Result<void>() : std::unexpected(installed.error());
}

Result<void> uninstall_redirect() {
  const auto uninstalled = redirect::uninstall({}, false);
  return uninstalled ? Result<void>() : std::unexpected(uninstalled.error());
}

Result<RedirectStatus> redirect_status() {
  Result<std::optional<std::string>> listed = redirect::list_nftables();
  if (!listed) {
    return std::unexpected(listed.error());
  }
  return RedirectStatus{.installed = listed->has_value(), .rules = std::move(*listed).value_or("")};
}

}  // namespace meshdns
