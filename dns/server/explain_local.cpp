#include "dns/server/explain_local.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "dns/wire/presentation.hpp"

namespace meshdns::server {
namespace {

using Kind = plugin::Verdict::Kind;

std::string answer_text(const plugin::Verdict& verdict, std::string_view directive,
                        wire::ResponseWriter& writer, std::span<const std::uint8_t> response) {
  if (verdict.kind == Kind::Drop) {
    return fmt::format("none, `{}` drops the query", directive);
  }
  if (verdict.kind == Kind::Error) {
    return fmt::format("{}, from `{}`", wire::rcode_text(verdict.rcode), directive);
  }
  writer.finish();
  const unsigned count = wire::load16(&response[6]);
  return fmt::format("{}, {} record{}, from `{}`", wire::rcode_text(writer.rcode()), count,
                     count == 1 ? "" : "s", directive);
}

}  // namespace

bool explain_sources(const plugin::Sources& sources, const wire::QueryView& query,
                     inspect::Explanation& out) {
  const plugin::Client somebody{SocketAddress::parse("127.0.0.1:53", 53).value(), true};
  std::vector<std::uint8_t> buffer(wire::kMaxMessageSize);
  for (const auto& source : sources) {
    wire::ResponseWriter writer(query, buffer, buffer.size());
    const plugin::Verdict verdict = source->answer(query, somebody, writer);
    if (verdict.kind == Kind::Pass) {
      continue;
    }
    out.directive = source->name();
    out.answer = answer_text(verdict, out.directive, writer, buffer);
    plugin::Written written = source->written(query);
    out.sources = std::move(written.lines);
    out.sources_read = written.read;
    if (verdict.alias) {
      out.alias = verdict.alias->to_string();
    }
    return true;
  }
  return false;
}

}  // namespace meshdns::server
