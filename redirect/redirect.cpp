#include <meshdns/redirect.hpp>

#include "redirect/backend/nftables_backend.hpp"
#include "redirect/plan/nftables_plan.hpp"

namespace meshdns {

Result<void> install_redirect(const RedirectSpec& spec) {
  const Result<redirect::Plan> planned = redirect::nftables_plan(spec);
  if (!planned) {
    return std::unexpected(planned.error());
  }
  return redirect::apply_nftables(*planned);
}

Result<void> uninstall_redirect() {
  return redirect::remove_nftables();
}

Result<RedirectStatus> redirect_status() {
  Result<std::optional<std::string>> listed = redirect::list_nftables();
  if (!listed) {
    return std::unexpected(listed.error());
  }
  return RedirectStatus{.installed = listed->has_value(), .rules = std::move(*listed).value_or("")};
}

}  // namespace meshdns
