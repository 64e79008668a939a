// start_timer: starts a server again and again and tells how long it takes from exec until it answers its
// first datagram.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/load/loopback_address.hpp"
#include "bench/load/query_list.hpp"

namespace {

using meshdns::Errc;
using meshdns::fail;
using meshdns::Result;
namespace load = meshdns::load;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{5};
constexpr int kAnswerWaitMs = 20;            // then the query is sent again
constexpr useconds_t kRefusedPauseUs = 200;  // nobody listens yet

// True once a good answer has come; false if none came in time.
bool await_answer(const load::LoopbackAddress& target, const load::Query& query, Clock::time_point deadline) {
  const auto socket = target.connect(SOCK_DGRAM);
  std::string reply(4096, '\0');
  while (socket && Clock::now() < deadline) {
    pollfd readable{socket->get(), POLLIN, 0};
    if (::send(socket->get(), query.wire.data(), query.wire.size(), 0) < 0 ||
        ::poll(&readable, 1, kAnswerWaitMs) < 0) {
      ::usleep(kRefusedPauseUs);
      continue;
    }
    const ssize_t size = ::recv(socket->get(), reply.data(), reply.size(), MSG_DONTWAIT);
    if (size < 0) {
      ::usleep(kRefusedPauseUs);
    } else if (load::find_fault(query.wire, query.question_size, query.expect,
                                std::string_view(reply).substr(0, static_cast<std::size_t>(size)))
                   .empty()) {
      return true;
    }
  }
  return false;
}

Result<double> time_start(const load::LoopbackAddress& target, const load::Query& query, char** command) {
  pid_t server = 0;
  posix_spawn_file_actions_t silence;
  ::posix_spawn_file_actions_init(&silence);
  ::posix_spawn_file_actions_addopen(&silence, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const auto begin = Clock::now();
  const int error = ::posix_spawnp(&server, command[0], &silence, nullptr, command, environ);
  ::posix_spawn_file_actions_destroy(&silence);
  if (error != 0) {
    return fail(Errc::Internal, fmt::format("{}: {}", command[0], std::strerror(error)));
  }
  const bool answered = await_answer(target, query, begin + kPatience);
  const std::chrono::duration<double, std::milli> took = Clock::now() - begin;
  ::kill(server, SIGTERM);
  ::waitpid(server, nullptr, 0);
  if (!answered) {
    return fail(Errc::Internal, fmt::format("{} gave no good answer within 5 s", command[0]));
  }
  return took.count();
}

Result<std::vector<double>> time_starts(const std::string& address, const std::string& queries_path,
                                        int starts, char** command) {
  const auto target = load::LoopbackAddress::parse(address);
  if (!target) {
    return std::unexpected(target.error());
  }
  const auto queries = load::read_queries(queries_path, false);
  if (!queries) {
    return std::unexpected(queries.error());
  }
  std::vector<double> times;
  for (int i = 0; i < starts; ++i) {
    const auto took = time_start(*target, queries->front(), command);
    if (!took) {
      return std::unexpected(took.error());
    }
    times.push_back(*took);
  }
  std::ranges::sort(times);
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  const int starts = argc > 4 ? std::atoi(argv[3]) : 0;
  if (starts < 1) {
    fmt::print(stderr, "usage: start_timer 127.x.x.x:PORT|[::1]:PORT QUERIES STARTS COMMAND...\n");
    return 1;
  }
  const auto times = time_starts(argv[1], argv[2], starts, &argv[4]);
  if (!times) {
    fmt::print(stderr, "start_timer: {}\n", times.error().what);
    return 1;
  }
  fmt::print("{:.1f} ms (median of {} starts, {:.1f} - {:.1f})\n", (*times)[times->size() / 2], starts,
             times->front(), times->back());
  return 0;
}
