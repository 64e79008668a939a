#include "zones/vips/address_pool.hpp"

#include <algorithm>
#include <iterator>

namespace meshdns::vips {
namespace {

IpAddress last_of(const IpRange& range) {
  IpAddress last = range.first;
  for (unsigned i = 0; i < last.bytes().size(); ++i) {
    const unsigned fixed = std::clamp(range.prefix, 8 * i, 8 * i + 8) - 8 * i;
    last.octets[i] = static_cast<std::uint8_t>(last.octets[i] | (0xffU >> fixed));
  }
  return last;
}

// Both wrap around at the ends of their family.
IpAddress successor(IpAddress address) {
  for (std::size_t i = address.bytes().size(); i-- > 0;) {
    ++address.octets[i];
    if (address.octets[i] != 0) {
      break;
    }
  }
  return address;
}

IpAddress predecessor(IpAddress address) {
  for (std::size_t i = address.bytes().size(); i-- > 0;) {
    --address.octets[i];
    if (address.octets[i] != 0xff) {
      break;
    }
  }
  return address;
}

}  // namespace

AddressPool::AddressPool(const IpRange& range) : range_(range), last_(last_of(range)) {}

AddressPool::Runs::const_iterator AddressPool::run_of(const IpAddress& address) const {
  const auto behind = runs_.upper_bound(address);
  if (behind == runs_.begin()) {
    return runs_.end();
  }
  const auto run = std::prev(behind);
  return address <= run->second ? run : runs_.end();
}

bool AddressPool::is_taken(const IpAddress& address) const {
  return run_of(address) != runs_.end();
}

bool AddressPool::take(const IpAddress& address) {
  const auto right = runs_.upper_bound(address);
  const auto left = right == runs_.begin() ? runs_.end() : std::prev(right);
  if (left != runs_.end() && address <= left->second) {
    return false;
  }
  ++taken_;
  const bool joins_right = right != runs_.end() && address != last_ && right->first == successor(address);
  const IpAddress last = joins_right ? right->second : address;
  if (joins_right) {
    runs_.erase(right);
  }
  if (left != runs_.end() && successor(left->second) == address) {
    left->second = last;
  } else {
    runs_.emplace(address, last);
  }
  return true;
}

void AddressPool::give_back(const IpAddress& address) {
  const auto run = runs_.find(run_of(address)->first);
  const IpAddress last = run->second;
  --taken_;
  if (run->first == address) {
    runs_.erase(run);
  } else {
    run->second = predecessor(address);
  }
  if (address != last) {
    runs_.emplace(successor(address), last);
  }
}

std::optional<IpAddress> AddressPool::next_free(const IpAddress& from) const {
  for (const IpAddress& start : {from, range_.first}) {
    const auto run = run_of(start);
    if (run == runs_.end()) {
      return start;
    }
    if (run->second != last_) {
      return successor(run->second);
    }
  }
  return std::nullopt;
}

IpAddress AddressPool::behind(const IpAddress& address) const {
  return address == last_ ? range_.first : successor(address);
}

}  // namespace meshdns::vips
