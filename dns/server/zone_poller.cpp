#include "dns/server/zone_poller.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "dns/base/log_limiter.hpp"
#include "dns/server/http_get.hpp"

namespace meshdns::server {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr unsigned kOk = 200;
constexpr unsigned kNotModified = 304;
constexpr unsigned kNotFound = 404;
constexpr std::chrono::minutes kRepeat{10};  // how often the same fault is logged
constexpr int kForgetAfter = 1000;           // complaints: a bound for what is remembered of them
constexpr milliseconds kShortestLimit{1'000};

}  // namespace

class ZonePoller::Source {
 public:
  Source(boost::asio::io_context& loop, LogSink& log, const Take& take, std::string path, RemoteSource remote)
      : loop_(loop),
        log_(log),
        take_(take),
        timer_(loop),
        path_(std::move(path)),
        remote_(std::move(remote)) {}

  void aim(const Target& target) {
    const bool is_new = interval_ == milliseconds(0);
    interval_ = target.interval;
    if (target.is_missed) {
      etag_.clear();
      taken_.reset();
    }
    if (is_new || target.is_missed) {
      ask();
    } else if (!get_) {
      ask_later();
    }
  }

 private:
  void ask() {
    asked_ = Clock::now();
    timer_.cancel();
    const milliseconds limit = std::min(kTimeLimit, std::max(interval_, kShortestLimit));
    get_ = std::make_unique<HttpGet>(loop_, remote_, etag_, limit, [this](HttpOutcome outcome) {
      get_.reset();
      hear(std::move(outcome));
      ask_later();
    });
  }

  void ask_later() {
    timer_.expires_at(asked_ + interval_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (!error) {
        ask();
      }
    });
  }

  void hear(HttpOutcome outcome) {
    if (!outcome) {
      if (outcome.error().is_absent) {
        note_absence(outcome.error().what);
      } else {
        complain(LogLevel::Warning, fmt::format("{}: {}", path_, outcome.error().what));
      }
    } else if (outcome->status == kOk) {
      note_presence();
      hear_document(*outcome);
    } else if (outcome->status == kNotModified) {
      note_presence();
    } else if (outcome->status == kNotFound) {
      note_absence("no document yet (404)");
    } else {
      complain(LogLevel::Warning, fmt::format("{}: HTTP status {}, expected 200", path_, outcome->status));
    }
  }

  void hear_document(HttpReply& reply) {
    const std::size_t hash = std::hash<std::string>{}(reply.body);
    if (hash == taken_) {
      return;  // a server that does not know about ETags
    }
    etag_.clear();
    if (auto taken = take_(path_, reply.body); !taken) {
      taken_.reset();
      complain(LogLevel::Error, taken.error().what);
      return;
    }
    etag_ = std::move(reply.etag);
    taken_ = hash;
    complaints_.reset();
  }

  void note_absence(std::string_view what) {
    if (presence_ != Presence::Absent) {
      presence_ = Presence::Absent;
      log_(LogLevel::Debug, fmt::format("plugin/mesh: {}: {}, it is asked for again", path_, what));
    }
  }

  void note_presence() {
    if (std::exchange(presence_, Presence::Present) == Presence::Absent) {
      log_(LogLevel::Info, fmt::format("plugin/mesh: {}: there is a document now", path_));
    }
  }

  // Every fault once, then from time to time.
  void complain(LogLevel level, const std::string& what) {
    if (!complaints_ || ++complaint_count_ > kForgetAfter) {
      complaints_.emplace(log_, kRepeat);
      complaint_count_ = 1;
    }
    complaints_->log(level, what, "plugin/mesh: " + what);
  }

  enum class Presence : std::uint8_t { Unknown, Absent, Present };

  boost::asio::io_context& loop_;
  LogSink& log_;
  const Take& take_;
  boost::asio::steady_timer timer_;
  std::string path_;
  RemoteSource remote_;
  milliseconds interval_{0};
  Clock::time_point asked_;
  std::unique_ptr<HttpGet> get_;
  std::string etag_;                  // of the document that was taken last
  std::optional<std::size_t> taken_;  // its hash
  Presence presence_ = Presence::Unknown;
  std::optional<base::LogLimiter> complaints_;
  int complaint_count_ = 0;
};

ZonePoller::ZonePoller(boost::asio::io_context& loop, LogSink& log, Take take)
    : loop_(loop), log_(log), take_(std::move(take)) {}

ZonePoller::~ZonePoller() = default;

void ZonePoller::poll(const std::vector<Target>& targets) {
  std::erase_if(sources_, [&](const auto& source) {
    return std::ranges::find(targets, source.first, &Target::path) == targets.end();
  });
  for (const Target& target : targets) {
    auto& source = sources_[target.path];
    if (!source) {
      auto remote = parse_remote_source(target.path);
      if (!remote) {
        sources_.erase(target.path);  // refused before it got here
        continue;
      }
      source = std::make_unique<Source>(loop_, log_, take_, target.path, *std::move(remote));
    }
    source->aim(target);
  }
}

}  // namespace meshdns::server
