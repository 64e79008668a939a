// Allocation of virtual IPs. Pure: no files, no clock.
//
// Kuma has two ways, and both are here: legacy VIPs (services, hosts, fully qualified names of one mesh) take
// the lowest free address; MeshService and its siblings take the next one behind a cursor that wraps at the
// end and do not reuse what was freed while the process lives. With a range of each family an owner has an
// address of each.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <meshdns/kuma_options.hpp>
#include <meshdns/zone.hpp>

#include "zones/vips/address_pool.hpp"

namespace meshdns::vips {

// At most one address of each family, IPv4 first.
using Addresses = std::vector<IpAddress>;

enum class Order : std::uint8_t { LowestFree, BehindCursor };

// Addresses of one range (or pair of ranges) and who has them. Not thread-safe. Owners are texts that the
// caller makes up ("0:cart", "shop/stock").
class VipAllocator {
 public:
  VipAllocator(const VipRanges& ranges, Order order);

  // Nobody gets this address any more: a resource brought it along. Who has it already is given another one
  // when it asks again. Addresses outside of the ranges are fine.
  void block(const IpAddress& address);

  // `owner` had this address before. False, and nothing is done: it is outside of the ranges, or blocked, or
  // somebody else has it (or had it, BehindCursor), or `owner` has another one of that family.
  bool restore(std::string_view owner, const IpAddress& address);

  // What `owner` has, or gets now: one address of every family of the ranges. Nullopt: full in one of them;
  // then it keeps nothing that it did not have.
  std::optional<Addresses> allocate(std::string_view owner);

  // Takes the addresses of owners that allocate() was not called for since the last release_unclaimed().
  // LowestFree: they are free for the next allocate(); BehindCursor: they stay unused.
  void release_unclaimed();

  // Owners that claimed, with what they have, sorted by owner.
  std::vector<std::pair<std::string, Addresses>> owners() const;

  // Per range of `ranges`: addresses that nobody else can get, so blocked ones and those that stay unused
  // included. Purpose, mesh and left_out are for the caller to fill in.
  std::vector<VipUsage> usage() const;

 private:
  struct Family {
    AddressPool pool;
    IpAddress cursor;  // where to look for the next free address
    std::set<IpAddress> blocked;
  };

  struct Holding {
    std::array<std::optional<IpAddress>, 2> addresses;  // indexed like families_
    std::uint32_t round = 0;                            // of the last claim; 0: restored, never claimed
  };

  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::array<std::optional<Family>, 2> families_;  // IPv4, IPv6
  Order order_;
  std::unordered_map<std::string, Holding, TextHash, std::equal_to<>> holdings_;
  std::uint32_t round_ = 1;  // counts release_unclaimed()
};

}  // namespace meshdns::vips
