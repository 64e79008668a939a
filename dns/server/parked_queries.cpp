#include "dns/server/parked_queries.hpp"

#include <utility>

namespace meshdns::server {

ParkedQueries::ParkedQueries(boost::asio::io_context& loop, GiveUp give_up)
    : timer_(loop), give_up_(std::move(give_up)) {}

bool ParkedQueries::has_room_for(std::size_t packet_size) const {
  return !is_closed_ && queries_.size() < kMaxQueries && packet_size <= kMaxPacket;
}

void ParkedQueries::add(ParkedQuery query) {
  const auto received = query.received;
  const auto added = queries_.emplace(received, std::move(query));
  if (added == queries_.begin()) {
    wait();
  }
}

std::vector<ParkedQuery> ParkedQueries::take_all() {
  std::vector<ParkedQuery> all;
  for (auto& [received, query] : std::exchange(queries_, {})) {
    all.push_back(std::move(query));
  }
  timer_.cancel();
  return all;
}

void ParkedQueries::close() {
  is_closed_ = true;
  for (ParkedQuery& query : take_all()) {
    give_up_(std::move(query));
  }
}

void ParkedQueries::wait() {
  timer_.expires_at(queries_.begin()->first + kPatience);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) {
      expire();
    }
  });
}

void ParkedQueries::expire() {
  const auto limit = std::chrono::steady_clock::now() - kPatience;
  // Taken out first: to give up on one may make room for the next one of its connection.
  std::vector<ParkedQuery> due;
  while (!queries_.empty() && queries_.begin()->first <= limit) {
    due.push_back(std::move(queries_.begin()->second));
    queries_.erase(queries_.begin());
  }
  for (ParkedQuery& query : due) {
    give_up_(std::move(query));
  }
  if (!queries_.empty()) {
    wait();
  }
}

}  // namespace meshdns::server
