#include "dns/answer/compile_record.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <ldns/ldns.h>

#include "dns/wire/message.hpp"

namespace meshdns::answer {

std::vector<std::uint8_t> encode_record(const std::string& text) {
  ldns_rr* parsed = nullptr;
  if (ldns_rr_new_frm_str(&parsed, (". " + text).c_str(), 0, nullptr, nullptr) != LDNS_STATUS_OK) {
    throw std::invalid_argument("not a record: " + text);
  }
  const std::unique_ptr<ldns_rr, decltype(&ldns_rr_free)> record(parsed, &ldns_rr_free);
  std::uint8_t* octets = nullptr;
  std::size_t size = 0;
  if (ldns_rr2wire(&octets, record.get(), LDNS_SECTION_ANSWER, &size) != LDNS_STATUS_OK) {
    throw std::invalid_argument("cannot be encoded: " + text);
  }
  const std::unique_ptr<std::uint8_t, decltype(&std::free)> owner(octets, &std::free);
  std::vector<std::uint8_t> encoded(size + 1);
  wire::store16(encoded.data(), 0xC000 | wire::kHeaderSize);  // instead of the one octet of the root name
  std::copy(octets + 1, octets + size, encoded.begin() + 2);
  return encoded;
}

}  // namespace meshdns::answer
