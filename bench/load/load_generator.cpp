// load_generator: asks a DNS server on this host as fast as asked to, judges every reply, prints one line of
// figures. Stops by itself after warm-up, counted interval and timeout, whatever the server does.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "bench/load/fresh_load.hpp"
#include "bench/load/in_flight.hpp"
#include "bench/load/loopback_address.hpp"
#include "bench/load/meter.hpp"
#include "bench/load/query_list.hpp"
#include "bench/load/tcp_load.hpp"
#include "bench/load/udp_load.hpp"

namespace {

namespace options = boost::program_options;
using meshdns::Errc;
using meshdns::fail;
using meshdns::Result;
namespace load = meshdns::load;

options::options_description describe_options() {
  options::options_description all("load_generator --target ADDR:PORT --queries FILE [options]");
  auto add = all.add_options();
  add("help", "this text");
  add("target", options::value<std::string>(), "server to ask: 127.x.x.x:PORT or [::1]:PORT");
  add("queries", options::value<std::string>(),
      "file of `name type [records|nodata|nxdomain|servfail|refused]` lines");
  add("in-flight", options::value<std::size_t>()->default_value(256),
      "queries waiting at any time; with --tcp, per connection; 1 measures latency");
  add("sockets", options::value<std::size_t>()->default_value(1), "UDP sockets that share --in-flight");
  add("fresh-socket", "a new UDP socket for each query, one query at a time");
  add("tcp", options::value<std::size_t>(), "ask over this many TCP connections");
  add("seconds", options::value<double>()->default_value(3), "counted interval");
  add("warm-up", options::value<double>()->default_value(0.5), "seconds before it");
  add("timeout", options::value<double>()->default_value(0.5), "seconds after which a query is lost");
  add("rate", options::value<double>()->default_value(0), "queries per second at most; 0: no cap");
  add("edns", "add an OPT record (size 1232) to each query");
  add("unique", "replace the last 8 octets of each first label by a count: no name is asked twice");
  add("watch-pid", options::value<std::vector<pid_t>>()->composing(),
      "process of the server, for its CPU time; repeatable");
  add("probe", options::value<double>(), "only wait up to this many seconds for a first good answer");
  return all;
}

std::chrono::nanoseconds read_seconds(const options::variables_map& given, const char* name) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(given[name].as<double>()));
}

Result<void> check_limits(const options::variables_map& given) {
  for (const char* name : {"seconds", "warm-up", "timeout", "probe"}) {
    if (given.contains(name) && !(given[name].as<double>() >= 0 && given[name].as<double>() <= 600)) {
      return fail(Errc::InvalidConfig, fmt::format("--{}: expected 0 to 600 seconds", name));
    }
  }
  if (!(given["rate"].as<double>() >= 0)) {
    return fail(Errc::InvalidConfig, "--rate: expected queries per second, or 0 for no cap");
  }
  if (const auto value = given["in-flight"].as<std::size_t>();
      value == 0 || value > load::InFlight::kMaxCapacity) {
    return fail(Errc::InvalidConfig,
                fmt::format("--in-flight {}: expected 1 to {}", value, load::InFlight::kMaxCapacity));
  }
  if (const auto value = given["sockets"].as<std::size_t>();
      value == 0 || value > given["in-flight"].as<std::size_t>()) {
    return fail(Errc::InvalidConfig, fmt::format("--sockets {}: expected 1 to the number in flight", value));
  }
  constexpr std::size_t kMaxConnections = 1000;
  if (given.contains("tcp") && given["tcp"].as<std::size_t>() - 1 >= kMaxConnections) {
    return fail(Errc::InvalidConfig, fmt::format("--tcp: expected 1 to {} connections", kMaxConnections));
  }
  if (given.contains("tcp") && given.contains("fresh-socket")) {
    return fail(Errc::InvalidConfig, "--tcp and --fresh-socket exclude each other");
  }
  return {};
}

Result<void> run(const options::variables_map& given) {
  if (!given.contains("target") || !given.contains("queries")) {
    return fail(Errc::InvalidConfig, "--target and --queries are needed, see --help");
  }
  if (auto checked = check_limits(given); !checked) {
    return checked;
  }
  const auto target = load::LoopbackAddress::parse(given["target"].as<std::string>());
  if (!target) {
    return std::unexpected(target.error());
  }
  auto queries = load::read_queries(given["queries"].as<std::string>(), given.contains("edns"));
  if (!queries) {
    return std::unexpected(queries.error());
  }
  // Names of one run must be news to a cache that an earlier run has filled.
  const auto seed =
      static_cast<std::uint32_t>(std::chrono::system_clock::now().time_since_epoch().count() >> 10);
  auto source = load::QuerySource::open(std::move(*queries), given.contains("unique"), seed);
  if (!source) {
    return std::unexpected(source.error());
  }
  if (given.contains("probe")) {
    return load::probe(*target, *source, read_seconds(given, "probe"));
  }

  load::LoadPlan plan;
  plan.warm_up = read_seconds(given, "warm-up");
  plan.counted = read_seconds(given, "seconds");
  plan.timeout = read_seconds(given, "timeout");
  plan.rate = given["rate"].as<double>();
  if (given.contains("watch-pid")) {
    plan.watched = given["watch-pid"].as<std::vector<pid_t>>();
  }
  load::Meter meter(std::move(plan), load::Clock::now());
  const auto in_flight = given["in-flight"].as<std::size_t>();
  const auto ran =
      given.contains("fresh-socket") ? load::run_fresh(*target, *source, meter)
      : given.contains("tcp")
          ? load::run_tcp(*target, in_flight, given["tcp"].as<std::size_t>(), *source, meter)
          : load::run_udp(*target, in_flight, given["sockets"].as<std::size_t>(), *source, meter);
  if (!ran) {
    return ran;
  }
  fmt::print("{}\n", meter.report());
  if (!meter.first_fault().empty()) {
    fmt::print(stderr, "load_generator: first bad reply: {}\n", meter.first_fault());
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto all = describe_options();
    options::variables_map given;
    options::store(options::parse_command_line(argc, argv, all), given);
    if (given.contains("help")) {
      std::cout << all;
      return 0;
    }
    if (const auto ran = run(given); !ran) {
      fmt::print(stderr, "load_generator: {}\n", ran.error().what);
      return 1;
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "load_generator: {}\n", error.what());
    return 1;
  }
}
