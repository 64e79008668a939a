#include "dns/forward/client_shares.hpp"

namespace meshdns::forward {

bool ClientShares::may_take(const IpAddress& client) const {
  const auto found = by_client_.find(client);
  return found == by_client_.end() || found->second < share() || found->second == taken_;
}

void ClientShares::take(const IpAddress& client) {
  const auto place = by_client_.try_emplace(client, 0).first;
  ++taken_;
  if (++place->second > share()) {
    greedy_ = &place->first;
  }
}

void ClientShares::give_back(const IpAddress& client) {
  const auto place = by_client_.find(client);
  --taken_;
  if (--place->second <= share() && greedy_ == &place->first) {
    greedy_ = nullptr;
  }
  if (place->second == 0) {
    by_client_.erase(place);
  }
}

}  // namespace meshdns::forward
