#include "dns/app/explain_sources.hpp"

#include <vector>

#include <fmt/format.h>

#include "dns/wire/presentation.hpp"

namespace meshdns::app {
namespace {

using Kind = plugin::Verdict::Kind;

}  // namespace

void print_row(std::string_view title, const std::string& text) {
  fmt::print("  {:<9}{}\n", title, text);
}

bool explain_sources(const plugin::Sources& sources, const wire::QueryView& query) {
  const plugin::Client somebody{SocketAddress::parse("127.0.0.1:53", 53).value(), true};
  std::vector<std::uint8_t> buffer(wire::kMaxMessageSize);
  for (const auto& source : sources) {
    wire::ResponseWriter writer(query, buffer, buffer.size());
    const plugin::Verdict verdict = source->answer(query, somebody, writer);
    if (verdict.kind == Kind::Pass) {
      continue;
    }
    if (verdict.kind == Kind::Drop) {
      print_row("answer", fmt::format("none, `{}` drops the query", source->name()));
    } else if (verdict.kind == Kind::Error) {
      print_row("answer", fmt::format("{}, from `{}`", wire::rcode_text(verdict.rcode), source->name()));
    } else {
      writer.finish();
      const unsigned count = wire::load16(&buffer[6]);
      print_row("answer", fmt::format("{}, {} record{}, from `{}`", wire::rcode_text(writer.rcode()), count,
                                      count == 1 ? "" : "s", source->name()));
    }
    if (verdict.alias) {
      print_row("and", fmt::format("what this server says of {}.", verdict.alias->to_string()));
    }
    return true;
  }
  return false;
}

}  // namespace meshdns::app
