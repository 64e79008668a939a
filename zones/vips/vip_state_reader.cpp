#include "zones/vips/vip_state_reader.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "zones/text/messages.hpp"

namespace meshdns::vips {
namespace {

using text::quote;

constexpr std::string_view kObject = "an object";
constexpr std::string_view kArray = "an array";
constexpr std::string_view kText = "a text";
constexpr std::string_view kVersion = "1";
constexpr std::array<std::string_view, 3> kBackendKinds{"MeshService", "MeshExternalService",
                                                        "MeshMultiZoneService"};

bool is_entry_key(std::string_view key) {
  return key.size() > 2 && key[0] >= '0' && key[0] <= '2' && key[1] == ':';
}

// Kuma gives an entry of an address to each Kubernetes service and to each ExternalService without host name.
// Their address is not a virtual IP.
bool is_own_address(std::string_view key) {
  return key.starts_with("1:") && IpAddress::parse(key.substr(2));
}

// The compressed form has no types: Kuma derives them from what made the entry (originToEntryType).
char entry_type(std::string_view origin) {
  if (origin == "k8s" || origin.starts_with("external-service:")) {
    return '1';
  }
  return origin.starts_with("virtual-outbound:") || origin.starts_with("mesh-gateway:") ? '2' : '0';
}

}  // namespace

std::string_view VipStateReader::expected(Place place) {
  switch (place) {
    case Place::OwnAddresses:
    case Place::Outbounds:
    case Place::AddressPorts:
      return kArray;
    case Place::OwnAddress:
    case Place::EntryAddress:
    case Place::AddressPortText:
      return kText;
    case Place::Version:
      return kVersion;
    default:
      return kObject;
  }
}

VipStateReader::Place VipStateReader::here() const {
  if (open_.empty()) {
    return Place::Document;
  }
  switch (open_.back()) {
    case Place::OwnAddresses:
      return Place::OwnAddress;
    case Place::Outbounds:
      return Place::Outbound;
    case Place::AddressPorts:
      return Place::AddressPort;
    case Place::Skipped:
      return Place::Skipped;
    default:
      return below_key_;
  }
}

bool VipStateReader::wrong(std::string what, ErrorCode& error) {
  fault_ = std::move(what);
  error = boost::json::error::syntax;
  return false;
}

bool VipStateReader::is_wanted(std::string_view what, ErrorCode& error) {
  const Place place = here();
  if (place == Place::Skipped || expected(place) == what) {
    return true;
  }
  if (place == Place::Document) {
    return wrong("the document is not an object, expected the virtual IPs that meshdns or Kuma has stored",
                 error);
  }
  return wrong(fmt::format("wrong value of {}, expected {}", quote(key_), expected(place)), error);
}

bool VipStateReader::on_object_begin(ErrorCode& error) {
  if (!is_wanted(kObject, error)) {
    return false;
  }
  open_.push_back(here());
  if (open_.back() == Place::AddressPort) {
    address_port_ = {};
  }
  return true;
}

bool VipStateReader::on_object_end(std::size_t /*size*/, ErrorCode& error) {
  const Place place = open_.back();
  open_.pop_back();
  return place != Place::AddressPort || give_address_port(error);
}

bool VipStateReader::on_array_begin(ErrorCode& error) {
  if (!is_wanted(kArray, error)) {
    return false;
  }
  open_.push_back(here());
  return true;
}

bool VipStateReader::on_array_end(std::size_t /*size*/, ErrorCode& error) {
  const Place place = open_.back();
  open_.pop_back();
  return place != Place::OwnAddresses || give(std::exchange(addresses_, {}), false, error);
}

// Parts without escapes lie in the document itself, which tells where they are.
void VipStateReader::append(std::string& to, Text part) {
  if (!is_in_text_) {
    to.clear();
    is_in_text_ = true;
    const std::less_equal<> before;
    if (before(text_.data(), part.data()) && before(part.data(), text_.data() + text_.size())) {
      offset_ = static_cast<std::size_t>(part.data() - text_.data()) - 1;  // of the quotation mark
    }
  }
  to.append(part.data(), part.size());
}

bool VipStateReader::on_key_part(Text part, std::size_t /*size*/, ErrorCode& /*error*/) {
  append(key_, part);
  return true;
}

bool VipStateReader::on_key(Text part, std::size_t /*size*/, ErrorCode& error) {
  append(key_, part);
  is_in_text_ = false;
  return enter(open_.back(), error);
}

bool VipStateReader::enter(Place place, ErrorCode& error) {
  below_key_ = Place::Skipped;
  switch (place) {
    case Place::Document:
      return enter_document(error);
    case Place::Groups:
      if (groups_ == &state_.backends && std::ranges::find(kBackendKinds, key_) == kBackendKinds.end()) {
        return wrong(text::unknown_key(key_, kBackendKinds), error);
      }
      owners_ = &(*groups_)[key_];
      below_key_ = Place::Owners;
      break;
    case Place::Owners:
      if (groups_ == &state_.legacy && !is_entry_key(key_)) {
        return wrong(fmt::format("wrong owner {}, expected <type>:<name> with type 0, 1 or 2", quote(key_)),
                     error);
      }
      owner_ = key_;
      below_key_ = Place::OwnAddresses;
      break;
    case Place::Entry:
      below_key_ = key_ == "address" ? Place::EntryAddress : Place::Skipped;
      break;
    case Place::Services:
      service_ = key_;
      below_key_ = Place::Service;
      break;
    case Place::Service:
      below_key_ = key_ == "oe" ? Place::Outbounds : Place::Skipped;
      break;
    case Place::Outbound:
      below_key_ = key_ == "ap" ? Place::AddressPorts : Place::Skipped;
      break;
    case Place::AddressPort:
      below_key_ = key_ == "a" || key_ == "d" || key_ == "o" ? Place::AddressPortText : Place::Skipped;
      break;
    default:
      break;
  }
  return true;
}

bool VipStateReader::enter_document(ErrorCode& error) {
  static constexpr std::string_view kKnown[] = {"version", "legacy", "backends", "v", "<type>:<name>"};
  if (key_ == "version") {
    below_key_ = Place::Version;
  } else if (key_ == "legacy" || key_ == "backends") {
    groups_ = key_ == "legacy" ? &state_.legacy : &state_.backends;
    below_key_ = Place::Groups;
  } else if (key_ == "v") {
    owners_ = &state_.legacy[std::string(mesh_)];
    below_key_ = Place::Services;
  } else if (is_entry_key(key_)) {
    owners_ = &state_.legacy[std::string(mesh_)];
    owner_ = key_;
    below_key_ = Place::Entry;
  } else {
    return wrong(text::unknown_key(key_, kKnown), error);
  }
  return true;
}

bool VipStateReader::on_string_part(Text part, std::size_t /*size*/, ErrorCode& /*error*/) {
  append(string_, part);
  return true;
}

bool VipStateReader::on_string(Text part, std::size_t /*size*/, ErrorCode& error) {
  append(string_, part);
  is_in_text_ = false;
  if (!is_wanted(kText, error)) {
    return false;
  }
  switch (here()) {
    case Place::OwnAddress:
      return read_address(string_, error);
    case Place::EntryAddress:
      return is_own_address(owner_) || string_.empty() ||
             (read_address(string_, error) && give(std::exchange(addresses_, {}), false, error));
    case Place::AddressPortText:
      (key_ == "a"   ? address_port_.address
       : key_ == "d" ? address_port_.domain
                     : address_port_.origin) = string_;
      return true;
    default:
      return true;
  }
}

bool VipStateReader::on_int64(std::int64_t value, Text /*text*/, ErrorCode& error) {
  return is_wanted(value == 1 ? kVersion : "", error);
}

bool VipStateReader::on_uint64(std::uint64_t /*value*/, Text /*text*/, ErrorCode& error) {
  return is_wanted("", error);
}

bool VipStateReader::on_double(double /*value*/, Text /*text*/, ErrorCode& error) {
  return is_wanted("", error);
}

bool VipStateReader::on_bool(bool /*value*/, ErrorCode& error) {
  return is_wanted("", error);
}

bool VipStateReader::on_null(ErrorCode& error) {
  return !open_.empty() || is_wanted("", error);
}

bool VipStateReader::read_address(std::string_view text, ErrorCode& error) {
  const auto address = IpAddress::parse(text);
  if (!address) {
    return wrong(fmt::format("bad address {}, expected an IPv4 or IPv6 address", quote(text)), error);
  }
  if (std::ranges::find(addresses_, address->is_v6, &IpAddress::is_v6) != addresses_.end()) {
    return wrong(fmt::format("a second address of the same family, {}, expected one", quote(text)), error);
  }
  given_.push_back({owners_, *address, offset_});
  addresses_.push_back(*address);
  return true;
}

bool VipStateReader::give(Addresses addresses, bool may_repeat, ErrorCode& error) {
  if (addresses.empty()) {
    return wrong(fmt::format("{} has no address, expected one or two", quote(owner_)), error);
  }
  std::ranges::sort(addresses, {}, &IpAddress::is_v6);
  const auto [entry, is_new] = owners_->try_emplace(owner_, std::move(addresses));
  if (is_new) {
    return true;
  }
  if (may_repeat && entry->second == addresses) {
    given_.pop_back();
    return true;
  }
  return wrong(fmt::format("{} is there twice, expected it once", quote(owner_)), error);
}

// The same entry is repeated for each of its outbounds.
bool VipStateReader::give_address_port(ErrorCode& error) {
  const char type = entry_type(address_port_.origin);
  const std::string_view name = type == '0' ? service_ : address_port_.domain;
  if (name.empty() || address_port_.address.empty()) {
    return true;
  }
  owner_ = fmt::format("{}:{}", type, name);
  return read_address(address_port_.address, error) && give(std::exchange(addresses_, {}), true, error);
}

bool VipStateReader::check_addresses() {
  const auto place = [](const Given& given) { return std::tie(given.map, given.address); };
  std::ranges::sort(given_, {},
                    [](const Given& given) { return std::tie(given.map, given.address, given.offset); });
  const auto twice = std::ranges::adjacent_find(given_, {}, place);
  if (twice == given_.end()) {
    return true;
  }
  std::vector<std::string> owners;
  for (const auto& [owner, addresses] : *twice->map) {
    if (owners.size() < 2 && std::ranges::find(addresses, twice->address) != addresses.end()) {
      owners.push_back(quote(owner));
    }
  }
  offset_ = std::next(twice)->offset;
  fault_ = fmt::format("address {} belongs to {}, expected one owner", twice->address.to_string(),
                       fmt::join(owners, " and "));
  return false;
}

}  // namespace meshdns::vips
