// Reading the files that configuration is made of.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <meshdns/result.hpp>

#include "dns/corefile/lexer.hpp"

namespace meshdns::corefile {

enum class FileKinds : std::uint8_t { Regular, RegularOrPipe };

// At most 16 MiB. The error is `open PATH: reason`, code FileUnreadable.
Result<std::string> read_text_file(const std::filesystem::path& path, FileKinds kinds);

// The files that `import PATTERN` means, absolute, in lexical order: one that must exist, or those that match
// a pattern with at most one `*` and one `?`. A relative pattern starts at the folder of the file that it
// stands in; wildcards do not match a leading dot.
Result<std::vector<std::filesystem::path>> find_import_files(const Token& pattern);

}  // namespace meshdns::corefile
