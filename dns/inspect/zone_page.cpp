// /zone: the mesh zones in force, one record per line, in the order of their files. Written piece by piece:
// of a million names no more than a piece is in memory.
#include <algorithm>
#include <optional>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "dns/inspect/pages.hpp"
#include "dns/inspect/record_json.hpp"
#include "dns/inspect/request.hpp"

namespace meshdns::inspect {
namespace {

namespace json = boost::json;

constexpr std::size_t kPieceSize = 32'768;       // octets, about
constexpr std::size_t kRecordsAtOnce = 100'000;  // looked at for one piece

struct Wanted {
  std::optional<DomainName> name;
  std::optional<DomainName> suffix;

  bool covers(const DomainName& other) const {
    return (!name || other == *name) && (!suffix || other.is_at_or_below(*suffix));
  }
};

json::array names_json(const std::vector<DomainName>& names) {
  json::array array;
  for (const DomainName& name : names) {
    array.emplace_back(name.to_string());
  }
  return array;
}

json::object head_of(const InspectedZone& zone) {
  json::object head{{"block", place_text(zone.block)},
                    {"sources", json::array(zone.sources.begin(), zone.sources.end())},
                    {"names", zone.status.names}};
  add_zone_age(zone.status, head);
  head["owns"] = names_json(zone.zone->owns);
  head["overlays"] = names_json(zone.zone->overlays);
  return head;
}

class ZoneDump {
 public:
  ZoneDump(std::vector<InspectedZone> zones, Wanted wanted)
      : zones_(std::move(zones)), wanted_(std::move(wanted)) {}

  // Appends the next piece; false: it was the last.
  bool operator()(std::string& out) {
    if (at_zone_ == 0 && at_record_ == 0 && !is_in_zone_) {
      out += "{\"zones\":[\n";
    }
    for (std::size_t looked_at = 0; out.size() < kPieceSize && looked_at < kRecordsAtOnce; ++looked_at) {
      if (at_zone_ == zones_.size()) {
        out += "]}\n";
        return false;
      }
      write_step(zones_[at_zone_], out);
    }
    return true;
  }

 private:
  void write_step(const InspectedZone& zone, std::string& out) {
    if (!std::exchange(is_in_zone_, true)) {
      std::string head = json::serialize(head_of(zone));
      head.pop_back();
      out += (at_zone_ == 0 ? "" : ",\n") + head + ",\"records\":[\n";
      is_first_record_ = true;
    }
    const auto& records = zone.zone->records;
    if (at_record_ == records.size()) {
      out += "\n]}\n";
      ++at_zone_;
      at_record_ = 0;
      is_in_zone_ = false;
      return;
    }
    const ZoneRecord& record = records[at_record_++];
    if (wanted_.covers(record.name)) {
      out += (std::exchange(is_first_record_, false) ? "" : ",\n") +
             json::serialize(record_json(*zone.zone, record));
    }
  }

  std::vector<InspectedZone> zones_;
  Wanted wanted_;
  std::size_t at_zone_ = 0;
  std::size_t at_record_ = 0;
  bool is_in_zone_ = false;
  bool is_first_record_ = true;
};

}  // namespace

admin::HttpResponse zone_page(const Inspector& inspector, const admin::HttpRequest& request) {
  if (const auto checked = check_parameters(request, {"name", "suffix"}); !checked) {
    return bad_request(checked.error());
  }
  auto name = optional_name(request, "name");
  auto suffix = optional_name(request, "suffix");
  if (!name || !suffix) {
    return bad_request(name ? suffix.error() : name.error());
  }
  auto zones = inspector.zones();
  if (!zones) {
    return unavailable(zones.error());
  }
  return {.content_type = "application/json",
          .body = {},
          .more = ZoneDump(*std::move(zones), {*std::move(name), *std::move(suffix)})};
}

}  // namespace meshdns::inspect
