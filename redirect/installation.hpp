// Installing and uninstalling as a whole: the rules, what is beside them, the record of it all.
#pragma once

#include <string>
#include <vector>

#include "redirect/preparation.hpp"

namespace meshdns::redirect {

// On failure the host is as it was. Returns warnings. Errors: NotPermitted, Unsupported, Internal.
Result<std::vector<std::string>> install(const Prepared& prepared, const InstallSettings& settings);

// Needs to know nothing of the install. Returns warnings.
Result<std::vector<std::string>> uninstall(const InstallSettings& settings, bool also_kumactl);

// What uninstall() would run.
Result<std::string> uninstall_text(const InstallSettings& settings, bool also_kumactl);

}  // namespace meshdns::redirect
