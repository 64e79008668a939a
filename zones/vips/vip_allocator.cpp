#include "zones/vips/vip_allocator.hpp"

#include <algorithm>

namespace meshdns::vips {
namespace {

Addresses present(const std::array<std::optional<IpAddress>, 2>& addresses) {
  Addresses present;
  for (const auto& address : addresses) {
    if (address) {
      present.push_back(*address);
    }
  }
  return present;
}

}  // namespace

VipAllocator::VipAllocator(const VipRanges& ranges, Order order) : order_(order) {
  const std::array both{ranges.ipv4, ranges.ipv6};
  for (std::size_t i = 0; i < both.size(); ++i) {
    if (both[i]) {
      families_[i] = Family{AddressPool(*both[i]), both[i]->first, {}};
    }
  }
}

void VipAllocator::block(const IpAddress& address) {
  auto& family = families_[address.is_v6];
  if (family && family->pool.range().contains(address)) {
    family->blocked.insert(address);
    family->pool.take(address);
  }
}

bool VipAllocator::restore(std::string_view owner, const IpAddress& address) {
  auto& family = families_[address.is_v6];
  if (!family || !family->pool.range().contains(address)) {
    return false;
  }
  const auto known = holdings_.find(owner);
  if (known != holdings_.end() && known->second.addresses[address.is_v6]) {
    return known->second.addresses[address.is_v6] == address && !family->blocked.contains(address);
  }
  if (!family->pool.take(address)) {
    return false;
  }
  Holding& holding = known != holdings_.end() ? known->second : holdings_[std::string(owner)];
  holding.addresses[address.is_v6] = address;
  return true;
}

std::optional<Addresses> VipAllocator::allocate(std::string_view owner) {
  const auto known = holdings_.find(owner);
  Holding holding = known != holdings_.end() ? known->second : Holding{};
  holding.round = round_;

  // What is missing is looked up in every family before any of it is taken.
  std::array<std::optional<IpAddress>, 2> fresh;
  bool is_full = false;
  for (std::size_t i = 0; i < families_.size(); ++i) {
    const auto& family = families_[i];
    auto& held = holding.addresses[i];
    if (held && family->blocked.contains(*held)) {
      held.reset();
    }
    if (family && !held) {
      fresh[i] = family->pool.next_free(family->cursor);
      is_full = is_full || !fresh[i];
    }
  }
  for (std::size_t i = 0; i < families_.size() && !is_full; ++i) {
    if (fresh[i]) {
      Family& family = *families_[i];
      family.pool.take(*fresh[i]);
      family.cursor = order_ == Order::BehindCursor ? family.pool.behind(*fresh[i]) : family.cursor;
      holding.addresses[i] = fresh[i];
    }
  }

  if (known != holdings_.end()) {
    known->second = holding;
  } else if (!is_full) {
    holdings_.emplace(owner, holding);
  }
  return is_full ? std::nullopt : std::optional(present(holding.addresses));
}

void VipAllocator::release_unclaimed() {
  for (auto entry = holdings_.begin(); entry != holdings_.end();) {
    const Holding& holding = entry->second;
    if (holding.round == round_) {
      ++entry;
      continue;
    }
    for (const IpAddress& address : present(holding.addresses)) {
      Family& family = *families_[address.is_v6];
      if (order_ == Order::LowestFree && !family.blocked.contains(address)) {
        family.pool.give_back(address);
      }
    }
    entry = holdings_.erase(entry);
  }
  ++round_;
}

std::vector<std::pair<std::string, Addresses>> VipAllocator::owners() const {
  std::vector<std::pair<std::string, Addresses>> owners;
  owners.reserve(holdings_.size());
  for (const auto& [owner, holding] : holdings_) {
    if (holding.round != 0) {
      owners.emplace_back(owner, present(holding.addresses));
    }
  }
  std::ranges::sort(owners, {}, &std::pair<std::string, Addresses>::first);
  return owners;
}

std::vector<VipUsage> VipAllocator::usage() const {
  std::vector<VipUsage> usage;
  for (const auto& family : families_) {
    if (family) {
      usage.push_back({.range = family->pool.range(), .used = family->pool.taken()});
    }
  }
  return usage;
}

}  // namespace meshdns::vips
