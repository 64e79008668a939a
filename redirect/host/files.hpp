// Small files, read and written as a whole.
#pragma once

#include <string>

#include <meshdns/result.hpp>

namespace meshdns::redirect {

// `-` is standard input. Errors: FileUnreadable.
Result<std::string> read_file(const std::string& path);

// Atomically: a reader, or whoever comes after a crash, finds the old file or the new one. Errors: Internal.
Result<void> write_file(const std::string& path, const std::string& text, unsigned mode);

}  // namespace meshdns::redirect
