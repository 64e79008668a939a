// ServerInspector: what a server tells of itself to `admin`.
//
// It looks at the generation in force, which nobody changes, and has workers copy what only they may look at:
// a few lookups between two batches. It keeps nothing unless `admin` is configured.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <meshdns/options.hpp>
#include <meshdns/status.hpp>

#include "dns/inspect/inspector.hpp"
#include "dns/server/listen_sockets.hpp"
#include "dns/server/snapshot.hpp"
#include "dns/server/worker.hpp"

namespace meshdns::server {

class ServerInspector final : public inspect::Inspector {
 public:
  using Workers = std::vector<std::unique_ptr<Worker>>;

  // `workers` must outlive it, and stay the same once somebody asks.
  ServerInspector(const Workers& workers, std::function<Status()> status)
      : workers_(workers), status_(std::move(status)) {}

  // What is in force from now on. `blocks` are those of `options`.
  void show(const ServerOptions& options, std::shared_ptr<const Snapshot> snapshot,
            const std::vector<BlockStatus>& blocks, const Listening& listening);

  Status status() const override { return status_(); }
  Result<std::vector<inspect::InspectedZone>> zones() const override;
  Result<Explained> explain(const DomainName& name, std::uint16_t type) const override;
  Result<std::vector<inspect::CachedReply>> cached(const DomainName& name,
                                                   std::span<const std::uint16_t> types) const override;
  Result<std::vector<inspect::WorkerInFlight>> in_flight(std::size_t limit) const override;

 private:
  struct Shown {
    ServerOptions options;
    std::shared_ptr<const Snapshot> snapshot;
    std::vector<BlockStatus> blocks;
    Listening listening;
  };

  Result<std::shared_ptr<const Shown>> shown() const;

  const Workers& workers_;
  std::function<Status()> status_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Shown> shown_;  // null: nothing is in force yet, or nobody may ask
};

}  // namespace meshdns::server
