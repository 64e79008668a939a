// Any text is either a zone or refused with a place and a reason; it never hangs, crashes or breaks a promise
// of MeshZone.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <meshdns/domain_name.hpp>
#include <meshdns/zone_file.hpp>

namespace {

void check(bool promise) {
  if (!promise) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto zone = meshdns::parse_mesh_zone(text, "f", {});
  if (!zone) {
    check(zone.error().code == meshdns::Errc::InvalidZone);
    check(zone.error().what.starts_with("f:") && zone.error().what.find('\n') == std::string::npos);
    return 0;
  }
  for (const meshdns::ZoneRecord& record : zone->records) {
    check(record.ttl_seconds >= 1 && record.ttl_seconds <= 86400);
    check(record.where.line >= 1 && record.where.column >= 1);
    check(record.name.wire().size() <= 255 && !record.name.is_root());
    check(meshdns::DomainName::parse(record.name.to_string()) == record.name);
  }
  return 0;
}
