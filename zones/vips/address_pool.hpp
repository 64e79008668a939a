// AddressPool: which addresses of one range are taken. Runs of neighbours are kept as one, so that a range of
// any size costs only as much memory as it has gaps. Every call takes O(log gaps). Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include <meshdns/ip_range.hpp>

namespace meshdns::vips {

class AddressPool {
 public:
  explicit AddressPool(const IpRange& range);

  const IpRange& range() const { return range_; }
  std::size_t taken() const { return taken_; }
  bool is_taken(const IpAddress& address) const;

  // `address` is one of the range. True: it was free.
  bool take(const IpAddress& address);

  // `address` is a taken one.
  void give_back(const IpAddress& address);

  // The first free address at or behind `from`, then of the whole range.
  std::optional<IpAddress> next_free(const IpAddress& from) const;

  // The address behind `address`; behind the last one of the range comes its first.
  IpAddress behind(const IpAddress& address) const;

 private:
  using Runs = std::map<IpAddress, IpAddress>;  // first -> last of each run; no two runs touch

  Runs::const_iterator run_of(const IpAddress& address) const;  // end() if it is free

  IpRange range_;
  IpAddress last_;
  Runs runs_;
  std::size_t taken_ = 0;
};

}  // namespace meshdns::vips
