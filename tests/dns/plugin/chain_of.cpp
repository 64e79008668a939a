#include "tests/dns/plugin/chain_of.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

#include <meshdns/corefile.hpp>

#include "dns/wire/presentation.hpp"

namespace meshdns::test {
namespace {

constexpr std::size_t kDatagramCeiling = 1232;

Result<std::shared_ptr<const plugin::Chain>> make(const std::string& directives, const std::string& zones) {
  auto corefile = parse_corefile(zones + " {\n" + directives + "\n}\n", "Corefile");
  if (!corefile) {
    return std::unexpected(corefile.error());
  }
  return plugin::make_chain(corefile->options.blocks.at(0));
}

}  // namespace

ChainOf::ChainOf(const std::string& directives, const std::string& zones) {
  auto made = make(directives, zones);
  if (!made) {
    throw std::invalid_argument(made.error().what);
  }
  chain_ = *std::move(made);
}

Answer ChainOf::ask(const QuerySpec& spec, bool is_tcp) const {
  const Octets packet = make_query(spec);
  wire::QueryView query;
  EXPECT_EQ(wire::parse_query(packet, query), wire::QueryVerdict::Ok);
  const plugin::Client client{SocketAddress::parse("192.0.2.7:4711", 0).value(), is_tcp};
  const std::size_t limit = wire::response_limit(query.edns, is_tcp, kDatagramCeiling);
  for (const auto* sources : {&chain_->before_rewrite, &chain_->after_mesh, &chain_->last}) {
    for (const auto& source : *sources) {
      Octets out(wire::kMaxMessageSize);
      wire::ResponseWriter writer(query, out, limit);
      const plugin::Verdict verdict = source->answer(query, client, writer);
      if (verdict.kind == plugin::Verdict::Kind::Pass) {
        continue;
      }
      Answer answer{.source = std::string(source->name())};
      if (verdict.kind == plugin::Verdict::Kind::Error) {
        answer.outcome = wire::rcode_text(verdict.rcode);
        return answer;
      }
      const std::size_t size = writer.finish();
      EXPECT_LE(size, limit);
      auto reply = read_reply({out.data(), size});
      EXPECT_TRUE(reply) << spec.name << ' ' << spec.type;
      answer.reply = std::move(reply).value_or(Reply{});
      answer.outcome =
          answer.reply.rcode == "NOERROR" && answer.reply.answer.empty() ? "NODATA" : answer.reply.rcode;
      answer.alias = verdict.alias ? verdict.alias->to_string() : "";
      return answer;
    }
  }
  return {.passes = true};
}

std::vector<std::string> ChainOf::written(std::string_view directive, const QuerySpec& spec) const {
  const Octets packet = make_query(spec);
  wire::QueryView query;
  EXPECT_EQ(wire::parse_query(packet, query), wire::QueryVerdict::Ok);
  std::vector<std::string> lines;
  for (const auto& source : chain_->after_mesh) {
    if (source->name() == directive) {
      for (const OptionLocation& line : source->written(query).lines) {
        lines.push_back(line.file.substr(line.file.rfind('/') + 1) + ":" + std::to_string(line.line));
      }
    }
  }
  return lines;
}

std::string fault_of(const std::string& directives, const std::string& zones) {
  const auto made = make(directives, zones);
  return made ? "no fault" : made.error().what;
}

}  // namespace meshdns::test
