// read_file(): the text of a file that a directive names.
#pragma once

#include <string>

#include <meshdns/result.hpp>

namespace meshdns::plugin {

// At most 256 MiB. Error: `open PATH: reason`, FileUnreadable.
Result<std::string> read_file(const std::string& path);

}  // namespace meshdns::plugin
