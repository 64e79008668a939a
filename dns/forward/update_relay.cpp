#include "dns/forward/update_relay.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "dns/forward/clock.hpp"
#include "dns/forward/update_try.hpp"

namespace meshdns::forward {

struct UpdateRelay::Update {
  explicit Update(boost::asio::io_context& loop) : timer(loop) {}
  ~Update() { std::ranges::for_each(tries, &UpdateTry::stop); }
  Update(const Update&) = delete;
  Update& operator=(const Update&) = delete;

  UpdateMessage message;
  std::vector<Upstream> upstreams;
  Protocol protocol = Protocol::Udp;
  Done done;
  std::vector<std::shared_ptr<UpdateTry>> tries;  // of the upstreams in their order
  std::size_t failed = 0;                         // of them
  Timer timer;
  Clock::time_point deadline = Clock::now() + kTimeLimit;

  bool has_asked_all() const { return tries.size() == upstreams.size(); }
};

UpdateRelay::~UpdateRelay() = default;

void UpdateRelay::relay(std::vector<Upstream> upstreams, Protocol protocol,
                        std::span<const std::uint8_t> message, Done done) {
  if (upstreams.empty()) {
    done({}, "no upstream to relay the update to");
    return;
  }
  if (updates_.size() == kMaxInFlight) {
    done({}, "too many updates in flight");
    return;
  }
  const Place& update = updates_.emplace_back(std::make_shared<Update>(loop_));
  update->message = std::make_shared<const std::vector<std::uint8_t>>(message.begin(), message.end());
  update->upstreams = std::move(upstreams);
  update->protocol = protocol;
  update->done = std::move(done);
  try_next(update);
}

bool UpdateRelay::has(std::span<const std::uint8_t> message) const {
  return std::ranges::any_of(
      updates_, [&](const Place& update) { return std::ranges::equal(*update->message, message); });
}

// Those that are left share the time that is left.
void UpdateRelay::try_next(const Place& update) {
  const std::size_t index = update->tries.size();
  const auto left = static_cast<Clock::rep>(update->upstreams.size() - index);
  auto on_end = [this, weak = std::weak_ptr(update), index](const Ended& ended) {
    const Place ended_update = weak.lock();
    if (!ended_update) {
      return;
    }
    if (ended.error == 0) {
      finish(ended_update, ended.reply, {});
    } else {
      give_up(ended_update, index, ended.error);
    }
  };
  update->tries.push_back(
      std::make_shared<UpdateTry>(loop_, update->upstreams[index], update->message, std::move(on_end)));
  update->tries.back()->start(update->protocol);
  wait(update, (update->deadline - Clock::now()) / left);
}

void UpdateRelay::wait(const Place& update, std::chrono::nanoseconds time) {
  update->timer.expires_after(time);
  update->timer.async_wait([this, weak = std::weak_ptr(update)](const boost::system::error_code& cancelled) {
    const Place late = weak.lock();
    if (cancelled || !late || late->timer.expiry() > Clock::now()) {  // set again meanwhile
      return;
    }
    if (late->has_asked_all()) {
      finish(late, {}, fmt::format("no answer to the update within {} ms", kTimeLimit.count()));
    } else {
      try_next(late);
    }
  });
}

void UpdateRelay::give_up(const Place& update, std::size_t index, int error) {
  const bool is_last = index + 1 == update->tries.size();
  if (++update->failed == update->upstreams.size()) {
    finish(update, {},
           fmt::format("update not relayed to {}: {}", update->upstreams[index].address.to_string(),
                       std::generic_category().message(error)));
  } else if (is_last && update->has_asked_all()) {
    wait(update, update->deadline - Clock::now());  // for those that were silent
  } else if (is_last) {
    try_next(update);
  }
}

// Who calls holds it until it was told. Out of the table first: the answer may bring the next one.
void UpdateRelay::finish(const Place& update, std::span<const std::uint8_t> reply, std::string_view error) {
  std::erase(updates_, update);
  update->timer.cancel();
  update->done(reply, error);
}

}  // namespace meshdns::forward
