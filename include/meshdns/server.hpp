// Server: the DNS server as an object. This is the door for programs that embed it; meshdns itself uses
// nothing else.
//
//   auto corefile = meshdns::parse_corefile(text, "Corefile");
//   auto server = meshdns::Server::start(corefile->options, log);
//   if (!server) { report(server.error().what); }
//
// It runs its own threads, never prints, never aborts, installs no signal handler, changes no global state.
// All members may be called from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <meshdns/log_sink.hpp>
#include <meshdns/options.hpp>
#include <meshdns/result.hpp>
#include <meshdns/status.hpp>
#include <meshdns/zone.hpp>

namespace meshdns {

class Server {
 public:
  // What the program says of itself is asked for by metrics, from any thread.
  using About = std::function<ProgramStatus()>;

  // A reason to end that the options asked for: `loop` found one. Called once, maybe from a thread of the
  // server, which must not be destroyed there. Without it there is a line in the log.
  using OnFatal = std::function<void(const std::string& why)>;

  // Binds every address, loads the zones and starts to answer; on failure nothing keeps running. Documents of
  // remote sources are fetched afterwards; until a block has its first one, questions for its mesh wait. An
  // address that is busy is tried again for a second.
  // Errors: InvalidConfig, InvalidZone, FileUnreadable, AddressInUse, CannotListen.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, LogSink log, About about = {},
                                               OnFatal on_fatal = {});

  // Stops at once; call stop() first to let queries in flight finish.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Puts new options in force as a whole, or leaves the old ones untouched. Addresses that stay keep their
  // sockets. The number of workers and the limits stay as they were at start.
  Result<void> reload(ServerOptions options);

  // Counts a reload that failed before there were options: a Corefile with a fault.
  void note_failed_reload();

  // Reads the zone files of every block again, as a file change would.
  Result<void> reload_zones();

  // Serves `zone` in the block with this index from now on. The block must have `mesh`.
  Result<void> replace_zone(std::size_t block, MeshZone zone);

  Status status() const;

  // Tells /ready, serves on for the longest `lameduck`, answers what was received before its end, waits for
  // queries in flight (at most `grace`, of which the lameduck takes what it needs but for half a second),
  // then closes. Idempotent. A zone that is being read is not waited for; the destructor does that, and until
  // then the log may still be called.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds(4000));

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace meshdns
