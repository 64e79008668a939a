// VipStateReader: the events of a JSON document to a VipState, in one pass and with the position of every
// fault.
//
// Three forms are told apart by the keys of the outermost object:
// - our own: `version`, `legacy`, `backends` (see README.md);
// - Kuma's default form: `<type>:<name>` -> {address, outbounds};
// - Kuma's compressed form, tags first: v -> service -> oe[] -> ap[] -> {a: address, d: host name, o: origin}
//   (KUMA_EXPERIMENTAL_USE_TAG_FIRST_VIRTUAL_OUTBOUND_MODEL;
//   pkg/dns/vips/tag_first_virtual_outbound_view.go).
// Whatever else Kuma writes is skipped without being kept. `null` is the same as nothing, as in Go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/basic_parser.hpp>

#include "zones/vips/vip_state.hpp"

namespace meshdns::vips {

// What boost::json::basic_parser calls a handler. The texts outlive it.
class VipStateReader {
 public:
  VipStateReader(std::string_view text, std::string_view mesh) : text_(text), mesh_(mesh) {}

  // What was wrong with the document apart from its syntax, or empty; and where in the text.
  const std::string& fault() const { return fault_; }
  std::size_t fault_offset() const { return offset_; }

  // After the last event. False: see fault().
  bool check_addresses();
  VipState take() { return std::move(state_); }

  // The interface of the parser, its names included.
  // NOLINTBEGIN(readability-identifier-naming)
  using ErrorCode = boost::json::error_code;
  using Text = boost::json::string_view;
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = 64 * 1024;
  static constexpr std::size_t max_string_size = 64 * 1024;
  // NOLINTEND(readability-identifier-naming)

  bool on_document_begin(ErrorCode& /*error*/) { return true; }
  bool on_document_end(ErrorCode& /*error*/) { return true; }
  bool on_object_begin(ErrorCode& error);
  bool on_object_end(std::size_t size, ErrorCode& error);
  bool on_array_begin(ErrorCode& error);
  bool on_array_end(std::size_t size, ErrorCode& error);
  bool on_key_part(Text part, std::size_t size, ErrorCode& error);
  bool on_key(Text part, std::size_t size, ErrorCode& error);
  bool on_string_part(Text part, std::size_t size, ErrorCode& error);
  bool on_string(Text part, std::size_t size, ErrorCode& error);
  bool on_number_part(Text /*part*/, ErrorCode& /*error*/) { return true; }
  bool on_int64(std::int64_t value, Text text, ErrorCode& error);
  bool on_uint64(std::uint64_t value, Text text, ErrorCode& error);
  bool on_double(double value, Text text, ErrorCode& error);
  bool on_bool(bool value, ErrorCode& error);
  bool on_null(ErrorCode& error);
  bool on_comment_part(Text /*part*/, ErrorCode& /*error*/) { return true; }
  bool on_comment(Text /*part*/, ErrorCode& /*error*/) { return true; }

 private:
  // What a value is, seen from where it stands.
  enum class Place : std::uint8_t {
    Document,
    Version,
    Groups,        // legacy, backends: group -> owners
    Owners,        // owner -> addresses
    OwnAddresses,  // of one owner
    OwnAddress,
    Entry,  // Kuma's default form
    EntryAddress,
    Services,  // Kuma's compressed form
    Service,
    Outbounds,
    Outbound,
    AddressPorts,
    AddressPort,
    AddressPortText,
    Skipped,
  };

  struct Given {
    const Allocations* map = nullptr;
    IpAddress address;
    std::size_t offset = 0;
  };

  static std::string_view expected(Place place);
  Place here() const;  // what the value that comes next is
  bool is_wanted(std::string_view what, ErrorCode& error);
  bool enter(Place place, ErrorCode& error);  // after a key of the object at `place`
  bool enter_document(ErrorCode& error);
  void append(std::string& to, Text part);
  bool read_address(std::string_view text, ErrorCode& error);
  bool give(Addresses addresses, bool may_repeat, ErrorCode& error);  // to owner_
  bool give_address_port(ErrorCode& error);
  bool wrong(std::string what, ErrorCode& error);

  std::string_view text_;
  std::string_view mesh_;
  VipState state_;
  std::string fault_;
  std::size_t offset_ = 0;  // of the last key or string

  std::vector<Place> open_;  // the containers around the current position
  Place below_key_ = Place::Document;
  std::string key_;
  std::string string_;
  bool is_in_text_ = false;  // key_ or string_ has its first part

  std::map<std::string, Allocations, std::less<>>* groups_ = nullptr;
  Allocations* owners_ = nullptr;
  std::string owner_;
  Addresses addresses_;  // of owner_
  std::string service_;
  struct {
    std::string address, domain, origin;
  } address_port_;

  std::vector<Given> given_;
};

}  // namespace meshdns::vips
