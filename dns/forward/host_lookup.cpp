#include "dns/forward/host_lookup.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "dns/forward/forwarder.hpp"
#include "dns/forward/own_query.hpp"
#include "dns/wire/message.hpp"

namespace meshdns::forward {

namespace {

// The addresses among the answers, whatever CNAMEs led to them.
void add_addresses(const wire::ReplyView& reply, std::uint16_t type, std::vector<IpAddress>& addresses) {
  const auto message = reply.message;
  const std::size_t size = type == wire::type::AAAA ? 16 : 4;
  std::size_t at = wire::kHeaderSize + reply.question_size;
  for (unsigned i = wire::load16(&message[6]); i > 0; --i) {
    at = wire::skip_name(message, at);
    const std::uint8_t* record = &message[at];
    const std::size_t data_size = wire::load16(record + 8);
    if (wire::load16(record) == type && data_size == size) {
      IpAddress address{.is_v6 = type == wire::type::AAAA};
      std::memcpy(address.octets.data(), record + 10, size);
      addresses.push_back(address);
    }
    at += 10 + data_size;
  }
}

}  // namespace

Result<std::vector<IpAddress>> look_up_host(const DomainName& name, std::span<const SocketAddress> resolvers,
                                            std::uint32_t mark) {
  auto plan = std::make_shared<ForwardPlan>();
  Pool& pool = plan->pools.emplace_back();
  plan->alternates.emplace_back();
  for (const SocketAddress& resolver : resolvers) {
    pool.upstreams.push_back({.address = resolver, .mark = mark});
  }
  boost::asio::io_context loop;
  const auto loops = std::make_unique<LoopGuard>();  // large
  base::Counters counters;
  LogSink log = [](LogLevel, std::string_view) {};
  Forwarder forwarder(loop, 2, *loops, counters, log);
  forwarder.use(plan);

  std::vector<IpAddress> addresses[2];
  std::string error = "it has no address";
  const std::uint16_t types[] = {wire::type::A, wire::type::AAAA};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto message = own_query(name, types[i], true);
    wire::QueryView query;
    wire::parse_query(message, query);
    forwarder.submit(0, query, {}, [&, i](const Outcome& outcome) {
      if (outcome.reply) {
        add_addresses(*outcome.reply, types[i], addresses[i]);
      } else {
        error = outcome.error;
      }
    });
  }
  while (forwarder.in_flight() != 0 && loop.run_one() != 0) {
  }
  std::vector<IpAddress> all = std::move(addresses[0]);
  all.insert(all.end(), addresses[1].begin(), addresses[1].end());
  if (all.empty()) {
    return fail(Errc::InvalidConfig, std::move(error));
  }
  return all;
}

}  // namespace meshdns::forward
