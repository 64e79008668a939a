// ZonePoller: asks for the documents of remote zone paths, at once and then at regular intervals.
//
// That nobody is there yet, or has no document yet, is no fault: it is asked again, silently.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <meshdns/log_sink.hpp>
#include <meshdns/result.hpp>

namespace meshdns::server {

// Not thread-safe: lives on the event loop it is given.
class ZonePoller {
 public:
  // Called with each document that is not the one before. On an error, which is logged, it is asked for
  // again, even if it has not changed.
  using Take = std::function<Result<void>(const std::string& path, const std::string& document)>;

  struct Target {
    std::string path;
    std::chrono::milliseconds interval{10'000};
    bool is_missed = false;  // somebody has no document of it: the next one is wanted even if it is not new
  };

  // For the whole exchange. A server that takes longer than the interval is not asked twice at a time.
  static constexpr std::chrono::milliseconds kTimeLimit{5'000};

  ZonePoller(boost::asio::io_context& loop, LogSink& log, Take take);
  ~ZonePoller();

  // Asks for these from now on, and for no others; those it asks for already keep their turn.
  void poll(const std::vector<Target>& targets);

 private:
  class Source;

  boost::asio::io_context& loop_;
  LogSink& log_;
  Take take_;
  std::map<std::string, std::unique_ptr<Source>> sources_;
};

}  // namespace meshdns::server
