// read_master_file(): a master file (RFC 1035 5) to a MasterZone. Its file is one of those that know ldns.
#pragma once

#include <string>

#include <meshdns/domain_name.hpp>
#include <meshdns/result.hpp>

#include "dns/plugin/master_zone.hpp"

namespace meshdns::plugin {

// Names without final dot are relative to `apex` until the file says otherwise. Errors: FileUnreadable;
// InvalidZone, `PATH:LINE: ...`.
Result<MasterZone> read_master_file(const std::string& path, const DomainName& apex);

}  // namespace meshdns::plugin
