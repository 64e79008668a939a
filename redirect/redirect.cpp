#include <fmt/format.h>

#include <meshdns/redirect.hpp>

#include "redirect/installation.hpp"
#include "redirect/status.hpp"

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
  const redirect::InstallSettings settings;
  Result<redirect::Status> status =
      redirect::read_status(settings.state_folder, settings.executables, settings.firewalld_folder);
  if (!status) {
    return std::unexpected(status.error());
  }
  RedirectStatus found{.installed = status->is_installed(),
                       .backend = status->backend,
                       .as_planned = status->is_as_planned(),
                       .rules = {},
                       .warnings = std::move(status->warnings)};
  for (const redirect::RuleState& rule : status->rules) {
    found.rules += fmt::format("{} [{}] {}: {}\n", word(rule.state), rule.packets, rule.place, rule.rule);
  }
  return found;
}

}  // namespace meshdns
