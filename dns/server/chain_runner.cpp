#include "dns/server/chain_runner.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "dns/answer/search.hpp"
#include "dns/forward/forwarder.hpp"
#include "dns/plugin/append_answers.hpp"
#include "dns/plugin/own_query.hpp"
#include "dns/server/query_handler.hpp"
#include "dns/wire/message_buffer.hpp"
#include "dns/wire/reply_view.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::server {

struct ChainRunner::Asked {
  SocketAddress client;
  SocketAddress local;
  bool is_tcp = false;
  bool is_v6 = false;
  std::uint8_t depth = 0;
  bool sees_all = false;
  std::optional<SocketAddress> listen;  // routers are not what they were when a response comes late
};

// Of a query that we ask ourselves: its response is wanted whole, by whoever asks.
class ChainRunner::OwnOrigin final : public Origin {
 public:
  OwnOrigin(const Asked& asked, Progress so_far, Deliver deliver)
      : client_(asked.client), local_(asked.local), deliver_(std::move(deliver)) {
    is_tcp = asked.is_tcp;
    is_v6 = asked.is_v6;
    is_whole = true;
    sees_all = asked.sees_all;
    depth = asked.depth;
    progress = so_far;
  }

  Deliver deliver_later() const override { return std::exchange(deliver_, nullptr); }
  SocketAddress client() const override { return client_; }
  SocketAddress local() const override { return local_; }

  // Unless it was taken for later.
  void deliver_now(std::span<const std::uint8_t> response) const {
    if (deliver_) {
      deliver_later()(response);
    }
  }

 private:
  SocketAddress client_;
  SocketAddress local_;
  mutable Deliver deliver_;
};

namespace {

// A CNAME in one directive may lead to one in another.
constexpr std::uint8_t kMaxDepth = 8;

using Octets = std::vector<std::uint8_t>;
using Clock = std::chrono::steady_clock;

// Does `work`, which calls its Deliver now or later. As QueryHandler::handle().
std::size_t now_or_later(const Origin& origin, std::span<std::uint8_t> out,
                         const std::function<void(Deliver)>& work) {
  struct State {
    std::span<std::uint8_t> out;
    std::optional<std::size_t> size;
    Deliver later;
  };
  const auto state = std::make_shared<State>(State{.out = out, .size = {}, .later = {}});
  work([state](std::span<const std::uint8_t> response) {
    if (state->later) {
      state->later(response);
    } else {
      std::ranges::copy(response, state->out.begin());
      state->size = response.size();
    }
  });
  if (!state->size) {
    state->later = origin.deliver_later();
  }
  return state->size.value_or(0);
}

// The response as this client takes it.
std::size_t fit(const wire::QueryView& query, std::span<const std::uint8_t> response,
                std::span<std::uint8_t> out, std::size_t limit) {
  const wire::AskerView asker{query.id, query.flags, query.edns, query.question()};
  const auto reply = wire::parse_reply(response);
  const std::size_t size =
      reply ? wire::write_forwarded(asker, *reply, out, limit, wire::extended_error_of(*reply)) : 0;
  return size != 0 ? size : wire::write_error(asker, wire::rcode::ServFail, out);
}

// Whether the mesh of the block knows something of the name.
bool has(const Block& block, std::span<const std::uint8_t> folded) {
  return block.mesh && (block.mesh->find(folded).kind != answer::AnswerTable::Kind::NotOurs ||
                        answer::find_searched(*block.mesh, folded));
}

// A block that may ask twice has no more time for it than one that asks once.
std::optional<std::chrono::milliseconds> time_limit_of(const plugin::Chain& chain) {
  return chain.synthesis ? std::min(chain.time_limit.value_or(forward::kDeadline), forward::kDeadline)
                         : chain.time_limit;
}

// As CoreDNS names who failed; empty: it was asked to.
std::string why_of(const plugin::Source& source, const plugin::Verdict& verdict) {
  return verdict.error.empty() ? std::string() : fmt::format("plugin/{}: {}", source.name(), verdict.error);
}

// The same query for another name or type.
Octets other_query(const wire::QueryView& query, std::span<const std::uint8_t> qname, std::uint16_t qtype) {
  return plugin::own_query(query, {qname, qtype, query.qclass, query.flags});
}

}  // namespace

ChainRunner::Asked ChainRunner::what_is_kept_of(const Origin& origin, const Router& router) const {
  return {origin.client(),
          origin.local(),
          origin.is_tcp,
          origin.is_v6,
          origin.depth,
          origin.sees_all,
          handler_.address_of(router)};
}

Octets ChainRunner::failure(std::span<const std::uint8_t> packet, const Errors& errors,
                            std::string_view why) {
  wire::QueryView query;
  wire::parse_query(packet, query);
  handler_.set_answered_by({});
  handler_.note_failure(query, errors.get(), why);
  Octets response(wire::ResponseWriter::kMinResponse);
  response.resize(wire::write_error(query, wire::rcode::ServFail, response));
  return response;
}

std::size_t ChainRunner::run(const wire::QueryView& query, const Block& block, const Router& router,
                             const Origin& origin, std::span<std::uint8_t> out) {
  const Asked asked = what_is_kept_of(origin, router);
  std::size_t limit = std::min(origin.limit(query.edns), out.size());
  if (block.chain->max_udp && !origin.is_tcp) {
    limit = std::min(limit, std::max(*block.chain->max_udp, wire::kPlainUdpLimit));
  }
  return now_or_later(origin, out, [&](Deliver deliver) {
    auto finish = [chain = block.chain, limit, packet = Octets(query.packet.begin(), query.packet.end()),
                   deliver = std::move(deliver)](std::span<const std::uint8_t> response) mutable {
      if (response.empty()) {
        deliver({});
        return;
      }
      wire::QueryView client_query;
      wire::parse_query(packet, client_query);
      Octets message(response.begin(), response.end());
      for (const auto& filter : chain->filters) {
        filter->before_limit(client_query, message);
      }
      Octets fitting(std::max(limit, wire::ResponseWriter::kMinResponse));
      std::size_t size = fit(client_query, message, fitting, limit);
      for (const auto& filter : chain->filters) {
        size = filter->after_limit(client_query, fitting, size, limit);
      }
      deliver(std::span(fitting).first(size));
    };
    const auto time_limit = time_limit_of(*block.chain);
    if (!time_limit) {
      begin(query, block, router, asked, std::move(finish));
      return;
    }
    auto fail = [this, errors = block.errors, packet = Octets(query.packet.begin(), query.packet.end()),
                 limit = *time_limit] {
      return failure(packet, errors, fmt::format("no answer within {} ms", limit.count()));
    };
    begin(query, block, router, asked, in_time(*time_limit, std::move(finish), std::move(fail)));
  });
}

// Whoever is first, the response or the limit, is delivered.
Deliver ChainRunner::in_time(std::chrono::milliseconds limit, Deliver deliver, MakeLate make_late) {
  struct Waiting {
    Waiting(boost::asio::io_context& loop, Deliver its_deliver, MakeLate its_make_late)
        : timer(loop), deliver(std::move(its_deliver)), make_late(std::move(its_make_late)) {}
    boost::asio::steady_timer timer;
    Deliver deliver;
    MakeLate make_late;
  };
  const auto waiting = std::make_shared<Waiting>(loop_, std::move(deliver), std::move(make_late));
  waiting->timer.expires_after(limit);
  waiting->timer.async_wait([waiting](const boost::system::error_code& error) {
    if (!error && waiting->deliver) {
      const Octets response = waiting->make_late();
      std::exchange(waiting->deliver, nullptr)(response);
    }
  });
  return [waiting](std::span<const std::uint8_t> response) {
    if (waiting->deliver) {
      waiting->timer.cancel();
      std::exchange(waiting->deliver, nullptr)(response);
    }
  };
}

void ChainRunner::begin(const wire::QueryView& query, const Block& block, const Router& router,
                        const Asked& asked, Deliver deliver) {
  const plugin::Chain& chain = *block.chain;
  if (!chain.before_rewrite.empty()) {
    // It is copied only if all sources pass, which leave it alone then.
    const OwnOrigin origin(asked, Progress::Wrapped, std::move(deliver));
    wire::MessageBuffer buffer;  // not on the stack: steps ask each other
    if (const auto size = ask(chain.before_rewrite, query, block, router, origin, buffer.span())) {
      origin.deliver_now(buffer.span().first(*size));
      return;
    }
    deliver = origin.deliver_later();
  }
  rewrite(query, block, 0, router, asked, std::move(deliver));
}

void ChainRunner::rewrite(const wire::QueryView& query, const Block& block, std::size_t step,
                          const Router& router, const Asked& asked, Deliver deliver) {
  const auto& rewriters = block.chain->rewriters;
  std::shared_ptr<const plugin::Rewrite> rewritten;
  while (step < rewriters.size() && !rewritten) {
    rewritten = rewriters[step++]->rewrite(query);
  }
  if (!rewritten) {
    synthesize(query, block, router, asked, std::move(deliver));
    return;
  }
  wire::QueryView other;
  if (wire::parse_query(rewritten->query(), other) != wire::QueryVerdict::Ok) {
    deliver(failure(query.packet, block.errors, "plugin/rewrite: the query cannot be rewritten"));
    return;
  }
  auto restore = [this, rewritten, errors = block.errors,
                  packet = Octets(query.packet.begin(), query.packet.end()),
                  deliver = std::move(deliver)](std::span<const std::uint8_t> response) mutable {
    if (response.empty()) {
      deliver({});
      return;
    }
    const Octets restored = rewritten->restore(response);
    deliver(restored.empty() ? failure(packet, errors, "plugin/rewrite: the response cannot be rewritten")
                             : restored);
  };
  // What another block's mesh has is not for the upstreams of this one.
  if (const Block* owner = handler_.mesh_block_of(other.folded_qname(), router);
      owner != nullptr && owner != &block && !has(block, other.folded_qname())) {
    resolve(other, *owner, router, asked, std::move(restore));
    return;
  }
  rewrite(other, block, step, router, asked, std::move(restore));
}

void ChainRunner::synthesize(const wire::QueryView& query, const Block& block, const Router& router,
                             const Asked& asked, Deliver deliver) {
  const auto& synthesis = block.chain->synthesis;
  if (!synthesis || has(block, query.folded_qname()) ||
      !synthesis->concerns(query, {asked.client, asked.is_tcp})) {
    resolve(query, block, router, asked, std::move(deliver));
    return;
  }
  auto ask_ipv4 = [this, chain = block.chain, asked,
                   query_a = other_query(query, query.qname(), wire::type::A),
                   deliver = std::move(deliver)](std::span<const std::uint8_t> response) mutable {
    if (response.empty() || !chain->synthesis->is_needed(response)) {
      deliver(response);
      return;
    }
    auto make = [this, chain, kept = Octets(response.begin(), response.end()),
                 deliver = std::move(deliver)](std::span<const std::uint8_t> ipv4_response) mutable {
      const Octets made =
          ipv4_response.empty() ? Octets() : chain->synthesis->synthesize(kept, ipv4_response);
      if (!made.empty()) {
        handler_.set_answered_by("dns64");
      }
      deliver(made.empty() ? kept : made);
    };
    ask_again(query_a, *chain, asked, std::move(make));
  };
  resolve(query, block, router, asked, std::move(ask_ipv4));
}

std::size_t ChainRunner::filter(const wire::QueryView& query, const Block& block, std::size_t pool,
                                bool exists_here, const Router& router, const Origin& origin,
                                std::span<std::uint8_t> out) {
  const Asked asked = what_is_kept_of(origin, router);
  const auto deadline = origin.received.value_or(Clock::now()) + forward::kDeadline;
  return now_or_later(origin, out, [&](Deliver deliver) {
    auto finish = [packet = Octets(query.packet.begin(), query.packet.end()),
                   limit = origin.limit(query.edns),
                   deliver = std::move(deliver)](std::span<const std::uint8_t> response) mutable {
      wire::QueryView client_query;
      wire::parse_query(packet, client_query);
      Octets fitting(std::max(limit, wire::ResponseWriter::kMinResponse));
      deliver(std::span(fitting).first(fit(client_query, response, fitting, limit)));
    };
    auto hide = [this, chain = block.chain, asked, deadline,
                 other = other_query(query, query.qname(), block.chain->filter->other_type()),
                 finish = std::move(finish)](std::span<const std::uint8_t> response) mutable {
      const plugin::AddressFilter& filter = *chain->filter;
      if (!filter.is_needed(response)) {
        finish(response);
      } else if (!filter.spares_the_only_ones()) {
        finish(filter.hide(response));
      } else {
        auto choose = [this, chain, kept = Octets(response.begin(), response.end()),
                       answered = handler_.answered(),
                       finish = std::move(finish)](std::span<const std::uint8_t> other_response) mutable {
          handler_.set_answered(answered);
          finish(chain->filter->has_others(other_response) ? chain->filter->hide(kept) : kept);
        };
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        ask_again(other, *chain, asked, in_time(left, std::move(choose), [] { return Octets(); }));
      }
    };
    const OwnOrigin own(asked, Progress::Wrapped, std::move(hide));
    wire::MessageBuffer buffer;  // not on the stack: steps ask each other
    const std::size_t size = handler_.ask_upstreams(query, block, pool, own, exists_here, buffer.span());
    own.deliver_now(buffer.span().first(size));
  });
}

void ChainRunner::resolve(const wire::QueryView& query, const Block& block, const Router& router,
                          const Asked& asked, Deliver deliver) {
  const OwnOrigin origin(asked, Progress::Wrapped, std::move(deliver));
  wire::MessageBuffer buffer;  // not on the stack: steps ask each other
  const std::size_t size = handler_.resolve(query, block, router, origin, buffer.span());
  origin.deliver_now(buffer.span().first(size));
}

std::optional<std::size_t> ChainRunner::ask(const plugin::Sources& sources, const wire::QueryView& query,
                                            const Block& block, const Router& router, const Origin& origin,
                                            std::span<std::uint8_t> out) {
  const plugin::Client client{sources.empty() ? SocketAddress() : origin.client(), origin.is_tcp};
  for (const auto& source : sources) {
    wire::ResponseWriter writer(query, out, origin.limit(query.edns));
    const plugin::Verdict verdict = source->answer(query, client, writer);
    handler_.count(*source, verdict, router);
    if (verdict.kind == plugin::Verdict::Kind::Pass) {
      continue;
    }
    handler_.set_answered_by(source->name());
    if (verdict.kind == plugin::Verdict::Kind::Drop) {
      return 0;
    }
    if (verdict.kind == plugin::Verdict::Kind::Error) {
      if (verdict.rcode == wire::rcode::ServFail) {
        handler_.note_failure(query, block.errors.get(), why_of(*source, verdict));
      }
      return wire::write_error(query, verdict.rcode, out);
    }
    const std::size_t size = writer.finish();
    if (!verdict.alias || origin.depth >= kMaxDepth) {
      return size;
    }
    Asked asked = what_is_kept_of(origin, router);
    ++asked.depth;
    return now_or_later(origin, out, [&](Deliver deliver) {
      auto append = [packet = Octets(query.packet.begin(), query.packet.end()),
                     limit = origin.limit(query.edns),
                     begun = Octets(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)),
                     deliver = std::move(deliver)](std::span<const std::uint8_t> response) mutable {
        wire::QueryView client_query;
        wire::parse_query(packet, client_query);
        const Octets whole = response.empty() ? begun : plugin::append_answers(begun, response);
        Octets fitting(std::max(limit, wire::ResponseWriter::kMinResponse));
        deliver(std::span(fitting).first(fit(client_query, whole, fitting, limit)));
      };
      ask_ourselves(other_query(query, verdict.alias->wire(), query.qtype), asked, Progress::Observed,
                    std::move(append));
    });
  }
  return std::nullopt;
}

void ChainRunner::ask_again(std::span<const std::uint8_t> packet, const plugin::Chain& chain, Asked asked,
                            Deliver deliver) {
  asked.sees_all = true;
  const Router* router = asked.listen ? handler_.router_at(*asked.listen) : nullptr;
  const Block* block = handler_.block_with(chain);
  wire::QueryView query;
  if (router == nullptr || block == nullptr || wire::parse_query(packet, query) != wire::QueryVerdict::Ok) {
    deliver({});
    return;
  }
  resolve(query, *block, *router, asked, std::move(deliver));
}

void ChainRunner::ask_ourselves(std::span<const std::uint8_t> query, const Asked& asked, Progress progress,
                                Deliver deliver) {
  const Router* router = asked.listen ? handler_.router_at(*asked.listen) : nullptr;
  if (router == nullptr) {
    deliver({});
    return;
  }
  const OwnOrigin origin(asked, progress, std::move(deliver));
  wire::MessageBuffer buffer;  // not on the stack: steps ask each other
  const std::size_t size = handler_.handle(query, *router, origin, buffer.span());
  origin.deliver_now(buffer.span().first(size));
}

}  // namespace meshdns::server
