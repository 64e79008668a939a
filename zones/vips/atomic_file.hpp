// Replaces files so that every reader sees either all of the old content or all of the new one, also after a
// crash of the machine.
#pragma once

#include <string>
#include <string_view>

#include <meshdns/result.hpp>

namespace meshdns::vips {

// A new file (mode 0644) in the same folder, fsync, rename, fsync of the folder. If `path` is a symbolic
// link, what it leads to is replaced. Of several writers the last one wins. Errors: FileUnreadable; then
// nothing has changed and nothing is left behind.
Result<void> replace_file(const std::string& path, std::string_view content);

}  // namespace meshdns::vips
