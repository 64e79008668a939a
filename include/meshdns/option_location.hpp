// OptionLocation: where an option was written, for messages and for `explain`.
#pragma once

#include <cstdint>
#include <string>

namespace meshdns {

// Empty when it was not read from a file.
struct OptionLocation {
  std::string file;
  std::uint32_t line = 0;
};

// A text that is looked at when the server makes something of it.
struct LocatedText {
  std::string text;
  OptionLocation where;
};

}  // namespace meshdns
