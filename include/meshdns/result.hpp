// Result: what every call of this library that can fail returns.
//
// Library code never throws across this boundary, never prints and never aborts: a failure is an Error with a
// sentence that an operator can act on.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace meshdns {

enum class Errc : std::uint8_t {
  InvalidConfig,   // a Corefile, flag or option that cannot be used
  InvalidZone,     // a mesh zone file that cannot be used
  FileUnreadable,  // missing, not permitted, not a file
  AddressInUse,    // another process owns a listen address
  CannotListen,    // any other failure to open a listen address
  NotPermitted,    // a privilege is missing
  Unsupported,     // the kernel or this build cannot do it
  Internal,        // the operating system refused something that should not fail
};

struct Error {
  Errc code = Errc::Internal;
  std::string what;  // one line; `file:line:column: message` where a file is at fault
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Errc code, std::string what) {
  return std::unexpected(Error{code, std::move(what)});
}

}  // namespace meshdns
