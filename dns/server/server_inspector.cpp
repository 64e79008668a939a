#include "dns/server/server_inspector.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "dns/base/coarse_clock.hpp"
#include "dns/cache/cache_key.hpp"
#include "dns/server/explain.hpp"
#include "dns/server/sample_query.hpp"

namespace meshdns::server {
namespace {

constexpr std::chrono::seconds kPatience{1};  // with a worker, which answers between two batches

// What `look` sees on each worker's thread. It may run when nobody waits any more: it owns what it needs.
template <class Look>
auto ask_workers(const ServerInspector::Workers& workers, Look look)
    -> Result<std::vector<decltype(look(std::size_t{}, *workers.front()))>> {
  using Seen = decltype(look(std::size_t{}, *workers.front()));
  std::vector<std::future<Seen>> answers;
  for (std::size_t w = 0; w < workers.size(); ++w) {
    auto task = std::make_shared<std::packaged_task<Seen()>>(
        [look, w, worker = workers[w].get()] { return look(w, *worker); });
    answers.push_back(task->get_future());
    workers[w]->post([task] { (*task)(); });
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::vector<Seen> seen;
  for (std::size_t w = 0; w < answers.size(); ++w) {
    if (answers[w].wait_until(deadline) != std::future_status::ready) {
      return fail(Errc::Internal, fmt::format("worker {} has not answered for {} s", w, kPatience.count()));
    }
    seen.push_back(answers[w].get());
  }
  return seen;
}

// One key for each kind of client: with and without DO, with and without CD.
std::vector<cache::KeptKey> keys_of(const DomainName& name, std::uint16_t type) {
  const SampleQuery sample(name, type);
  std::vector<cache::KeptKey> keys;
  if (sample.is_valid()) {
    wire::QueryView view = sample.view();
    for (const bool dnssec_ok : {false, true}) {
      for (const std::uint16_t checking_disabled : {std::uint16_t{0}, wire::flag::CD}) {
        view.edns.dnssec_ok = dnssec_ok;
        view.flags = checking_disabled;
        keys.emplace_back(cache::CacheKey::of(view));
      }
    }
  }
  return keys;
}

}  // namespace

void ServerInspector::show(const ServerOptions& options, std::shared_ptr<const Snapshot> snapshot,
                           const std::vector<BlockStatus>& blocks, const Listening& listening) {
  auto shown = options.admin ? std::make_shared<const Shown>(options, std::move(snapshot), blocks, listening)
                             : nullptr;
  const std::lock_guard lock(mutex_);
  shown_.swap(shown);
}

Result<std::shared_ptr<const ServerInspector::Shown>> ServerInspector::shown() const {
  const std::lock_guard lock(mutex_);
  if (!shown_) {
    return fail(Errc::Internal, "nothing is served yet");
  }
  return shown_;
}

Result<std::vector<inspect::InspectedZone>> ServerInspector::zones() const {
  const auto current = shown();
  if (!current) {
    return std::unexpected(current.error());
  }
  const Shown& now = **current;
  std::vector<inspect::InspectedZone> zones;
  for (std::size_t b = 0; b < now.snapshot->blocks.size(); ++b) {
    const auto& mesh = now.options.blocks[b].mesh;
    if (const auto& zone = now.snapshot->blocks[b].zone; zone && mesh) {
      zones.push_back({.block = now.options.blocks[b].where,
                       .sources = mesh->source.paths,
                       .status = now.blocks[b],
                       .zone = zone});
    }
  }
  return zones;
}

Result<inspect::Inspector::Explained> ServerInspector::explain(const DomainName& name,
                                                               std::uint16_t type) const {
  const auto current = shown();
  if (!current) {
    return std::unexpected(current.error());
  }
  const Shown& now = **current;
  Explained explained{.queries = {}, .keep_alive = *current};
  for (inspect::Explanation& explanation : server::explain(*now.snapshot, now.options, name, type)) {
    // Of an address family that this host does not have, nobody asks.
    std::erase_if(explanation.asked_at,
                  [&](const auto& address) { return !now.listening.contains(address); });
    for (SocketAddress& address : explanation.asked_at) {
      address = now.listening.at(address);
    }
    inspect::InspectedQuery& query = explained.queries.emplace_back();
    if (explanation.is_taken) {
      query.status = now.blocks[explanation.last_block];
      if (now.snapshot->blocks[explanation.last_block].is_mesh_partial) {
        explanation.but.emplace_back(
            "a document of the mesh is still to come, and queries that it may answer "
            "wait for it");
      }
    }
    query.explanation = std::move(explanation);
  }
  return explained;
}

Result<std::vector<inspect::CachedReply>> ServerInspector::cached(
    const DomainName& name, std::span<const std::uint16_t> types) const {
  const auto current = shown();
  if (!current) {
    return std::unexpected(current.error());
  }
  std::vector<cache::KeptKey> keys;
  for (const std::uint16_t type : types) {
    std::ranges::move(keys_of(name, type), std::back_inserter(keys));
  }
  const auto look = [now = *current, keys = std::move(keys)](std::size_t w, const Worker&) {
    std::vector<inspect::CachedReply> found;
    for (std::size_t b = 0; b < now->snapshot->blocks.size(); ++b) {
      const auto& cache = now->snapshot->blocks[b].cache;
      if (!cache) {
        continue;
      }
      for (const cache::KeptKey& key : keys) {
        if (auto reply = cache->of_worker(static_cast<unsigned>(w)).look(key.view(), base::coarse_now())) {
          found.push_back({.block = b,
                           .written = now->options.blocks[b].where,
                           .worker = w,
                           .type = key.view().qtype(),
                           .reply = *std::move(reply)});
        }
      }
    }
    return found;
  };
  auto by_worker = ask_workers(workers_, look);
  if (!by_worker) {
    return std::unexpected(std::move(by_worker.error()));
  }
  std::vector<inspect::CachedReply> all;
  for (std::vector<inspect::CachedReply>& found : *by_worker) {
    std::ranges::move(found, std::back_inserter(all));
  }
  return all;
}

Result<std::vector<inspect::WorkerInFlight>> ServerInspector::in_flight(std::size_t limit) const {
  return ask_workers(workers_, [limit](std::size_t, const Worker& worker) {
    return inspect::WorkerInFlight{.in_flight = worker.forwarder().in_flight(),
                                   .waiting = worker.handler().parked(),
                                   .oldest = worker.forwarder().oldest_in_flight(limit)};
  });
}

}  // namespace meshdns::server
