// Records of ldns as records of ours. Only files that know ldns include this.
#pragma once

#include <ldns/rr.h>

#include "dns/plugin/record.hpp"

namespace meshdns::plugin {

LocalRecord copy_record(const ldns_rr& record);

}  // namespace meshdns::plugin
