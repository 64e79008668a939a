// Inspector: what can be asked of a running server about itself. The server implements it, the pages ask it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <meshdns/domain_name.hpp>
#include <meshdns/result.hpp>
#include <meshdns/status.hpp>
#include <meshdns/zone.hpp>

#include "dns/cache/kept_reply.hpp"
#include "dns/forward/question_in_flight.hpp"
#include "dns/inspect/explanation.hpp"

namespace meshdns::inspect {

// The mesh zone of one server block.
struct InspectedZone {
  OptionLocation block;
  std::vector<std::string> sources;  // paths, as in the Corefile
  BlockStatus status;
  std::shared_ptr<const MeshZone> zone;
};

struct InspectedQuery {
  Explanation explanation;
  BlockStatus status;  // of the block whose mesh zone has a say
};

struct CachedReply {
  std::size_t block = 0;   // in ServerOptions::blocks
  OptionLocation written;  // that block
  std::size_t worker = 0;
  std::uint16_t type = 0;
  cache::KeptReply reply;
};

struct WorkerInFlight {
  std::size_t in_flight = 0;  // questions to upstreams
  std::size_t waiting = 0;    // queries for names of a mesh whose first document is to come
  std::vector<forward::QuestionInFlight> oldest;
};

// For any thread that serves no DNS: cached() and in_flight() wait for the workers, but not for long. Errors:
// Internal (nothing is served yet, or a worker does not answer).
class Inspector {
 public:
  virtual ~Inspector() = default;

  virtual Status status() const = 0;
  virtual Result<std::vector<InspectedZone>> zones() const = 0;

  // `explanations` point into what `keep_alive` keeps.
  struct Explained {
    std::vector<InspectedQuery> queries;
    std::shared_ptr<const void> keep_alive;
  };
  virtual Result<Explained> explain(const DomainName& name, std::uint16_t type) const = 0;

  virtual Result<std::vector<CachedReply>> cached(const DomainName& name,
                                                  std::span<const std::uint16_t> types) const = 0;

  // Per worker, of each the oldest questions, at most `limit`.
  virtual Result<std::vector<WorkerInFlight>> in_flight(std::size_t limit) const = 0;
};

}  // namespace meshdns::inspect
