// Whatever the text, reading a Corefile ends, soon, in options or in a one-line message.
//
// Imports may name real files; those are only read, and only regular ones, so nothing outside is touched or
// waited for.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <meshdns/corefile.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto corefile = meshdns::parse_corefile(text, "Corefile");
  if (!corefile) {
    if (corefile.error().what.empty() || corefile.error().what.contains('\n')) {
      std::abort();
    }
    return 0;
  }
  for (const auto& block : corefile->options.blocks) {
    if (block.zones.empty() || block.listen.empty()) {
      std::abort();
    }
    for (const auto& forward : block.forward) {
      if (forward.to.empty() || forward.to.size() > 15) {
        std::abort();
      }
    }
  }
  return 0;
}
