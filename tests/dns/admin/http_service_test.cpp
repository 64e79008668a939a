#include "dns/admin/http_service.hpp"

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/http_client.hpp"

namespace meshdns::admin {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class HttpServiceTest : public ::testing::Test {
 protected:
  static SocketAddress any_port() { return SocketAddress::parse("127.0.0.1:0", 0).value(); }

  static HttpEndpoint endpoint(const std::string& path, const std::string& body) {
    return {.address = any_port(),
            .path = path,
            .handler = [body](const HttpRequest&) { return HttpResponse{.body = body}; },
            .on_failure = "cannot offer " + path};
  }

  SocketAddress address() const { return service.listening().at(any_port()); }

  std::string body_of(const std::string& target) const {
    const auto answer = test::http_get(address(), target);
    return answer ? std::to_string(answer->status) + " " + answer->body : "no answer";
  }

  std::mutex mutex;
  std::vector<std::string> lines;
  LogSink sink = [this](LogLevel, std::string_view text) {
    const std::lock_guard lock(mutex);
    lines.emplace_back(text);
  };
  HttpService service{sink, 300ms};
};

TEST_F(HttpServiceTest, EndpointsOfOneAddressShareIt) {
  service.serve({endpoint("/a", "first"), endpoint("/b", "second")});
  EXPECT_EQ(service.listening().size(), 1U);
  EXPECT_EQ(body_of("/a"), "200 first");
  EXPECT_EQ(body_of("/b"), "200 second");
  EXPECT_EQ(body_of("/c"), "404 404 page not found\n");
  EXPECT_EQ(body_of("/a/"), "404 404 page not found\n");
}

TEST_F(HttpServiceTest, AConnectionTakesManyRequests) {
  service.serve({endpoint("/a", "first")});
  test::HttpClient client(address());
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.get("/a");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "first");
    EXPECT_THAT(answer->head, HasSubstr("Content-Type: text/plain"));
  }
  EXPECT_TRUE(client.ends_within(test::kPatience)) << "an idle connection is closed";
}

HttpHandler counting_to(int last) {
  return [last](const HttpRequest&) {
    return HttpResponse{.body = {}, .more = [last, n = 0](std::string& piece) mutable {
                          if (n % 2 == 1) {
                            piece += std::to_string(n) + " ";  // every other piece is empty
                          }
                          return ++n <= last;
                        }};
  };
}

TEST_F(HttpServiceTest, ALongBodyComesInPieces) {
  HttpEndpoint long_one = endpoint("/long", "");
  long_one.handler = counting_to(9);
  service.serve({long_one, endpoint("/a", "first")});
  test::HttpClient client(address());
  for (int i = 0; i < 2; ++i) {
    const auto answer = client.get("/long");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "1 3 5 7 9 ");
    EXPECT_THAT(answer->head, HasSubstr("Transfer-Encoding: chunked"));
  }
  EXPECT_EQ(client.get("/a").value().body, "first") << "the connection goes on";
}

TEST_F(HttpServiceTest, AnOldClientGetsALongBodyUntilTheEndOfTheConnection) {
  HttpEndpoint long_one = endpoint("/long", "");
  long_one.handler = counting_to(9);
  service.serve({long_one});
  test::HttpClient client(address());
  ASSERT_TRUE(client.send("GET /long HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(client.ends_within(test::kPatience));
  EXPECT_THAT(client.received(), MatchesRegex("HTTP/1.0 200 OK\r\n[^~]*\r\n\r\n1 3 5 7 9 "));
}

TEST_F(HttpServiceTest, WhoDoesNotReadALongBodyIsCutOff) {
  std::promise<void> is_over;
  HttpEndpoint endless = endpoint("/endless", "");
  endless.handler = [&is_over](const HttpRequest&) {
    const std::shared_ptr<std::promise<void>> token(&is_over, [](auto* over) { over->set_value(); });
    return HttpResponse{.body = {}, .more = [token](std::string& piece) {
                          piece.assign(32'768, 'x');
                          return true;
                        }};
  };
  service.serve({endless, endpoint("/a", "first")});
  test::HttpClient client(address());
  ASSERT_TRUE(client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(body_of("/a"), "200 first") << "meanwhile";
  EXPECT_EQ(is_over.get_future().wait_for(test::kPatience), std::future_status::ready);
}

TEST_F(HttpServiceTest, QueriesAreTakenApart) {
  HttpEndpoint echo = endpoint("/echo", "");
  echo.handler = [](const HttpRequest& request) {
    std::string text;
    for (const auto& [name, value] : request.query) {
      text += name + "=" + value + ";";
    }
    return HttpResponse{.status = 503, .body = text};
  };
  service.serve({echo});
  EXPECT_EQ(body_of("/echo?name=a%2Eb+c&type=A&flag&bad=%zz"), "503 bad=%zz;flag=;name=a.b c;type=A;");
}

TEST_F(HttpServiceTest, OnlyGetIsAllowed) {
  service.serve({endpoint("/a", "first")});
  test::HttpClient client(address());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 405);
  EXPECT_THAT(answer->head, HasSubstr("Allow: GET"));
}

TEST_F(HttpServiceTest, WhatIsNoRequestIsCutOff) {
  service.serve({endpoint("/a", "first")});
  const std::string huge = "GET /" + std::string(2 * HttpService::kMaxHeader, 'x') + " HTTP/1.1\r\n\r\n";
  for (const std::string& octets : {std::string("\x16\x03\x01 hello"), std::string("GET /a HTTP/9\r\n\r\n"),
                                    huge, std::string("GET /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"),
                                    std::string("GET /a HTTP/1.1\r\nHo"), std::string()}) {
    test::HttpClient client(address());
    client.send(octets);
    EXPECT_TRUE(client.ends_within(test::kPatience)) << octets.substr(0, 40);
  }
  EXPECT_EQ(body_of("/a"), "200 first");
}

TEST_F(HttpServiceTest, OctetsThatTrickleInBuyNoTime) {
  service.serve({endpoint("/a", "first")});
  test::HttpClient client(address());
  const auto began = std::chrono::steady_clock::now();
  while (client.send("G") && !client.ends_within(20ms)) {
    ASSERT_LT(std::chrono::steady_clock::now() - began, test::kPatience);
  }
}

TEST_F(HttpServiceTest, MoreConnectionsThanAllowedAreClosed) {
  HttpService patient(sink);
  patient.serve({endpoint("/a", "first")});
  const SocketAddress address = patient.listening().begin()->second;
  std::vector<std::unique_ptr<test::HttpClient>> clients;
  for (std::size_t i = 0; i < HttpService::kMaxConnections; ++i) {
    clients.push_back(std::make_unique<test::HttpClient>(address));
  }
  ASSERT_TRUE(clients.back()->get("/a")) << "all of them were accepted";
  EXPECT_FALSE(test::http_get(address, "/a"));
  clients.clear();
  const auto began = std::chrono::steady_clock::now();
  while (!test::http_get(address, "/a")) {
    ASSERT_LT(std::chrono::steady_clock::now() - began, test::kPatience);
  }
}

TEST_F(HttpServiceTest, AnAddressThatStaysKeepsItsConnections) {
  service.serve({endpoint("/a", "old"), endpoint("/b", "old")});
  const SocketAddress before = address();
  test::HttpClient client(before);
  ASSERT_TRUE(client.get("/a"));
  service.serve({endpoint("/a", "new")});
  EXPECT_EQ(address(), before);
  EXPECT_EQ(client.get("/a")->body, "new");
  EXPECT_EQ(client.get("/b")->status, 404);
}

TEST_F(HttpServiceTest, AnAddressThatGoesIsClosed) {
  service.serve({endpoint("/a", "first")});
  const SocketAddress before = address();
  service.serve({});
  EXPECT_FALSE(test::HttpClient(before).is_connected());
  EXPECT_THAT(service.listening(), IsEmpty());
}

TEST_F(HttpServiceTest, ATakenPortIsOneLineAndIsTriedAgain) {
  auto other = std::make_unique<HttpService>(sink);
  other->serve({endpoint("/a", "other")});
  HttpEndpoint first = endpoint("/a", "mine");
  first.address = other->listening().begin()->second;
  HttpEndpoint second = first;
  second.path = "/b";
  service.serve({first, second});
  EXPECT_THAT(lines, ElementsAre(MatchesRegex(
                         "cannot offer /a: listen tcp 127.0.0.1:[0-9]+: bind: address already in use")));
  other.reset();
  service.serve({first});
  EXPECT_EQ(test::http_get(first.address, "/a")->body, "mine");
  EXPECT_EQ(lines.size(), 1U);
}

TEST_F(HttpServiceTest, AWildcardTakesOverFromOneAddress) {
  service.serve({endpoint("/a", "one")});
  HttpEndpoint all = endpoint("/a", "all");
  all.address = {.ip = IpAddress{}, .port = address().port};
  service.serve({all});
  EXPECT_THAT(lines, IsEmpty());
  EXPECT_EQ(test::http_get({.ip = *IpAddress::parse("127.0.0.1"), .port = all.address.port}, "/a")->body,
            "all");
}

TEST_F(HttpServiceTest, EndsWhileClientsAreConnected) {
  service.serve({endpoint("/a", "first")});
  test::HttpClient client(address());
  ASSERT_TRUE(client.get("/a"));
  service.stop();
  EXPECT_FALSE(client.get("/a"));
  service.serve({endpoint("/a", "first")});
  EXPECT_THAT(service.listening(), IsEmpty()) << "the end is the end";
}

}  // namespace
}  // namespace meshdns::admin
