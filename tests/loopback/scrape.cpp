#include "tests/loopback/scrape.hpp"

#include "tests/support/http_client.hpp"

namespace meshdns::test {

std::string http_text(const SocketAddress& http, std::string_view target) {
  const auto answer = http_get(http, target);
  return answer ? std::to_string(answer->status) + " " + answer->body : "no answer";
}

std::string metric_at(const SocketAddress& http, const std::string& series) {
  const std::string text = http_text(http, "/metrics");
  const std::size_t at = text.find("\n" + series + " ");
  if (at == std::string::npos) {
    return "none";
  }
  const std::size_t begin = at + series.size() + 2;
  return text.substr(begin, text.find('\n', begin) - begin);
}

}  // namespace meshdns::test
