#include "dns/plugin/nsid.hpp"

#include <algorithm>

#include "dns/wire/edns_options.hpp"

namespace meshdns::plugin {

std::size_t Nsid::after_limit(const wire::QueryView& query, std::span<std::uint8_t> buffer, std::size_t size,
                              std::size_t limit) const {
  constexpr std::size_t kDataSize = 9;  // where the size of the options stands in an OPT
  const std::size_t option = 4 + data_.size();
  if (!wire::find_edns_option(query.edns_options, wire::edns_option::Nsid) || size + option > limit) {
    return size;
  }
  const auto response = wire::parse_reply(buffer.first(size));
  if (!response || response->opt_offset + response->opt_size != size) {
    return size;
  }
  std::uint8_t* opt_size = &buffer[response->opt_offset + kDataSize];
  wire::store16(opt_size, static_cast<std::uint16_t>(wire::load16(opt_size) + option));
  wire::store16(&buffer[size], wire::edns_option::Nsid);
  wire::store16(&buffer[size + 2], static_cast<std::uint16_t>(data_.size()));
  std::ranges::copy(data_, buffer.begin() + static_cast<std::ptrdiff_t>(size + 4));
  return size + option;
}

}  // namespace meshdns::plugin
