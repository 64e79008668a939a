// BlockTest: a server whose one block is written as in a Corefile, in front of an upstream with a script.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <meshdns/corefile.hpp>

#include "tests/loopback/server_fixture.hpp"
#include "tests/support/made_reply.hpp"

namespace meshdns::test {

class BlockTest : public ServerTest {
 protected:
  // For every name, with these directives; the upstream has the rest.
  void serve(const std::string& directives, const std::string& listen = "127.0.0.1") {
    serve_text(".:0 {\nbind " + listen + "\n" + directives + "\n" + forward() + "\n}\n");
  }

  void serve_text(const std::string& text) {
    auto corefile = parse_corefile(text, "Corefile");
    ASSERT_TRUE(corefile) << corefile.error().what;
    start(std::move(corefile->options));
  }

  // What a client gets: "10.0.0.1 10.0.0.2", or the code if there is no answer.
  std::string data(const std::string& name, const std::string& type = "A") const {
    const auto reply = ask_udp(address(), {.name = name, .type = type});
    if (!reply) {
      return "no answer";
    }
    std::string text;
    for (const std::string& record : reply->answer) {
      text += (text.empty() ? "" : " ") + record.substr(record.rfind(' ') + 1);
    }
    return text.empty() ? reply->rcode : text;
  }

  bool becomes(const std::string& name, const std::string& expected) const {
    return becomes_true([&] { return data(name) == expected; });
  }

  std::string forward() const { return "forward . " + upstream.address().to_string(); }

  // The upstream replies so to every question from now on.
  void upstream_replies(const MadeReply& reply) {
    upstream.follow([reply](const support::SeenQuery& query) -> support::Reaction {
      return {.messages = {make_reply(query.message, reply)}};
    });
  }

  support::ScriptedUpstream upstream{support::answer};
};

}  // namespace meshdns::test
