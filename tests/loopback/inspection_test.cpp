// What `admin` tells of a running server.
#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "tests/loopback/server_fixture.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/scripted_http.hpp"

namespace meshdns::test {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Inspection : public ServerTest {
 protected:
  void start_inspected(std::vector<BlockOptions> blocks, unsigned workers = 1) {
    start({.blocks = std::move(blocks),
           .admin = AdminOptions{.listen = {socket_address("127.0.0.1:0")}, .where = {}},
           .workers = workers});
  }

  SocketAddress http_address() const { return server->status().http_listening.begin()->second; }

  std::string get(std::string_view target) const {
    const auto answer = http_get(http_address(), target);
    return answer ? std::to_string(answer->status) + " " + answer->body : "no answer";
  }

  json::object page(std::string_view target) const {
    const auto answer = http_get(http_address(), target);
    if (!answer || answer->status != 200) {
      ADD_FAILURE() << target << ": " << (answer ? answer->body : "no answer");
      return {};
    }
    EXPECT_THAT(answer->head, HasSubstr("Content-Type: application/json"));
    return json::parse(answer->body).as_object();
  }

  json::array records(std::string_view target, std::size_t zone = 0) const {
    return page(target).at("zones").at(zone).at("records").as_array();
  }

  json::object explanation(std::string_view question) const {
    return page("/explain?" + std::string(question)).at("explanations").at(0).as_object();
  }

  json::array cached(std::string_view question) const {
    return page("/cache?" + std::string(question)).at("entries").as_array();
  }
};

std::string text(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

std::vector<std::string> names(const json::array& records) {
  std::vector<std::string> names;
  for (const json::value& record : records) {
    names.push_back(text(record.at("name")));
  }
  return names;
}

// What a browser says when a page of evil.example, whose address has become ours, asks.
TEST_F(Inspection, AnswersNobodyWhoTakesItForAnotherHost) {
  start_inspected({mesh_block()});
  const auto status = [&](const std::string& headers) {
    HttpClient client(http_address());
    EXPECT_TRUE(client.send("GET /zone HTTP/1.1\r\n" + headers + "\r\n"));
    const auto answer = client.receive();
    return answer ? std::to_string(answer->status) + " " + answer->body.substr(0, 45) : "no answer";
  };
  for (const char* host : {"evil.example", "evil.example:15059", "localhost.evil.example",
                           "127.0.0.1.evil.example", "backend.mesh", "localhost:1:evil", "1"}) {
    EXPECT_THAT(status("Host: " + std::string(host) + "\r\n"),
                StartsWith("403 you asked for the host '" + std::string(host).substr(0, 15)));
  }
  for (const std::string& host :
       {http_address().to_string(), std::string("127.0.0.1"), std::string("localhost"),
        std::string("LocalHost:15059"), std::string("[::1]:15059"), std::string("10.0.0.1")}) {
    EXPECT_THAT(status("Host: " + host + "\r\n"), StartsWith("200 ")) << host;
  }
  EXPECT_THAT(status(""), StartsWith("200 ")) << "not a browser";
}

TEST_F(Inspection, DumpsTheZone) {
  BlockOptions options = mesh_block();
  options.where = {"Corefile", 3};
  start_inspected({options});
  const json::object zone = page("/zone").at("zones").at(0).as_object();
  EXPECT_EQ(text(zone.at("block")), "Corefile:3");
  EXPECT_EQ(text(zone.at("sources")), "[\"" + folder.path("zone.yaml") + "\"]");
  EXPECT_EQ(text(zone.at("owns")), R"(["mesh"])");
  EXPECT_EQ(text(zone.at("names")), "6");
  EXPECT_EQ(text(zone.at("loads")), "1");
  EXPECT_GE(zone.at("ageSeconds").as_int64(), 0);
  EXPECT_THAT(names(zone.at("records").as_array()),
              ::testing::ElementsAre("backend.mesh", "three.mesh", "*.wild.mesh", "v4.mesh",
                                     "api.example.com", "many.mesh"));
  EXPECT_EQ(text(zone.at("records").at(0)),
            R"({"name":"backend.mesh","addresses":["240.0.0.1","fd00::1"],"ports":[],"ttl":30,)"
            R"("mode":"strict","resource":"","rule":"","file":")" +
                folder.path("zone.yaml") + R"(","line":3})");
}

TEST_F(Inspection, DumpsWhatIsAskedFor) {
  BlockOptions other = mesh_block();
  other.zones = {domain("other")};
  other.listen = {socket_address("127.0.0.1:0")};
  other.mesh->source.paths = {folder.write("other.yaml", "records: [{name: a.other, ips: [240.0.1.1]}]")};
  BlockOptions options = mesh_block();
  start_inspected({options, other});
  EXPECT_THAT(names(records("/zone?name=v4.MESH.")), ::testing::ElementsAre("v4.mesh"));
  EXPECT_THAT(names(records("/zone?suffix=wild.mesh")), ::testing::ElementsAre("*.wild.mesh"));
  EXPECT_THAT(names(records("/zone?suffix=mesh&name=api.example.com")), ::testing::IsEmpty());
  EXPECT_THAT(names(records("/zone?name=a.other", 1)), ::testing::ElementsAre("a.other"));
}

TEST_F(Inspection, DumpsALongZoneInPieces) {
  std::string text = "records:\n";
  for (int i = 0; i < 3000; ++i) {
    text += "  - {name: n" + std::to_string(i) + ".mesh, ips: [240.0.0.1]}\n";
  }
  start_inspected({mesh_block(text)});
  HttpClient client(http_address());
  const auto answer = client.get("/zone");
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->head, HasSubstr("Transfer-Encoding: chunked"));
  const json::value dump = json::parse(answer->body);
  EXPECT_EQ(dump.at("zones").at(0).at("records").as_array().size(), 3000U);
  EXPECT_EQ(records("/zone?name=n2999.mesh").size(), 1U);
}

TEST_F(Inspection, AZoneThatNobodyReadsHoldsUpNobody) {
  std::string text = "records:\n";
  for (int i = 0; i < 30'000; ++i) {
    text += "  - {name: a-rather-long-name-" + std::to_string(i) + ".mesh, ips: [240.0.0.1]}\n";
  }
  BlockOptions options = mesh_block(text);
  options.mesh->reload = false;
  start_inspected({options});
  HttpClient lazy(http_address());
  ASSERT_TRUE(lazy.send("GET /zone HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_THAT(get("/upstreams"), StartsWith("200 "));
  folder.write("zone.yaml", "records: [{name: new.mesh, ips: [240.0.0.2]}]");
  ASSERT_TRUE(server->reload_zones());
  EXPECT_EQ(ask_udp(address(), {.name = "new.mesh"}).value().answer.size(), 1U);
  EXPECT_THAT(names(records("/zone")), ::testing::ElementsAre("new.mesh"));
  const auto answer = lazy.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(json::parse(answer->body).at("zones").at(0).at("records").as_array().size(), 30'000U)
      << "the zone that was in force";
}

TEST_F(Inspection, TellsHowUpstreamsFare) {
  support::ScriptedUpstream upstream(support::answer);
  const SocketAddress dead = support::closed_port();
  BlockOptions options = block();
  forward_to(options, upstream.address());
  options.forward[0].to.insert(options.forward[0].to.begin(), dead);
  start_inspected({options});
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  const json::array upstreams = page("/upstreams").at("upstreams").as_array();
  ASSERT_EQ(upstreams.size(), 2U);
  for (const json::value& row : upstreams) {
    EXPECT_EQ(text(row.at("directive")), "forward");
    if (text(row.at("address")) == dead.to_string()) {
      EXPECT_EQ(text(row.at("down")), "true");
      EXPECT_EQ(text(row.at("lastError")), "refused");
      EXPECT_GE(row.at("failures").as_int64(), 1);
    } else {
      EXPECT_EQ(text(row.at("address")), upstream.address().to_string());
      EXPECT_EQ(text(row.at("down")), "false");
      EXPECT_GT(row.at("rttMicroseconds").as_int64(), 0);
      EXPECT_EQ(text(row.at("replies")), R"({"NOERROR":1})");
    }
  }
}

TEST_F(Inspection, TellsWhatIsInFlight) {
  support::ScriptedUpstream upstream(support::silence);
  BlockOptions options = block();
  forward_to(options, upstream.address());
  start_inspected({options});
  EXPECT_EQ(text(page("/inflight")), R"({"inFlight":0,"waitingForZone":0,"questions":[]})");
  UdpClient first(address());
  UdpClient second(address());
  first.send(make_query({.name = "slow.example.org", .type = "AAAA"}));
  second.send(make_query({.name = "slow.example.org", .type = "AAAA"}));
  ASSERT_TRUE(becomes_true([&] { return counters().coalesced == 1; }));
  const json::object seen = page("/inflight");
  EXPECT_EQ(text(seen.at("inFlight")), "1");
  const json::value& question = seen.at("questions").at(0);
  EXPECT_EQ(text(question.at("name")), "slow.example.org.");
  EXPECT_EQ(text(question.at("type")), "AAAA");
  EXPECT_EQ(text(question.at("askers")), "2");
  EXPECT_EQ(text(question.at("waitingFor").at(0)), upstream.address().to_string());
  EXPECT_GE(question.at("ageMs").as_int64(), 0);
  EXPECT_LT(question.at("ageMs").as_int64(), 4400);
}

TEST_F(Inspection, TellsWhoWaitsForTheFirstDocument) {
  support::ScriptedHttp http(folder.path("dns.sock"), [](const std::string&) { return std::nullopt; });
  BlockOptions options = block();
  options.mesh.emplace().source.paths = {"unix:" + folder.path("dns.sock")};
  start_inspected({options});
  UdpClient client(address());
  client.send(make_query({.name = "backend.mesh"}));
  EXPECT_TRUE(becomes_true([&] { return text(page("/inflight").at("waitingForZone")) == "1"; }));
  const json::object explained = explanation("name=backend.mesh");
  EXPECT_EQ(text(explained.at("zone").at("waitingFor")), "[\"unix:" + folder.path("dns.sock") + "\"]");
  EXPECT_THAT(text(explained.at("but").at(0)), HasSubstr("is still to come"));
}

TEST_F(Inspection, TellsWhereOtherDirectivesHaveTheirAnswersFrom) {
  BlockOptions options = block();
  options.plugins.hosts.emplace().path = folder.write("hosts", "# names\n10.0.0.1 a.test\n");
  options.plugins.hosts->fallthrough = {DomainName()};
  options.plugins.templates.push_back({.zones = {domain("b.test")}, .rcode = 3, .where = {"Corefile", 7}});
  FileOptions file{.path = folder.write("zone", "@ SOA ns a 1 2 3 4 5\nwww A 10.0.0.2\n")};
  file.zones = {domain("c.test")};
  options.plugins.file.push_back(file);
  start_inspected({options});
  const json::value hosts = explanation("name=a.test").at("written");
  EXPECT_EQ(text(hosts.at("lines")), "[\"" + folder.path("hosts") + ":2\"]");
  EXPECT_GE(hosts.at("ageSeconds").as_int64(), 0);
  EXPECT_EQ(text(explanation("name=b.test").at("written")), R"({"lines":["Corefile:7"]})");
  const json::value master = explanation("name=www.c.test").at("written");
  EXPECT_EQ(text(master.at("lines")), "[\"" + folder.path("zone") + ":2\"]");
  EXPECT_GE(master.at("ageSeconds").as_int64(), 0);
  EXPECT_TRUE(explanation("name=other.example").at("written").is_null());
}

TEST_F(Inspection, TellsWhatIsCached) {
  support::ScriptedUpstream upstream(support::answer);
  BlockOptions options = block();
  options.cache.emplace();
  forward_to(options, upstream.address());
  start_inspected({options}, 2);
  EXPECT_TRUE(cached("name=www.example.org").empty());
  ASSERT_TRUE(ask_udp(address(), {.name = "www.example.org"}));
  ASSERT_TRUE(becomes_true([&] { return !cached("name=www.example.org").empty(); }));
  const json::array entries = cached("name=WWW.example.org&type=a");
  ASSERT_EQ(entries.size(), 1U) << "one worker has it";
  const json::value& entry = entries.at(0);
  EXPECT_EQ(text(entry.at("type")), "A");
  EXPECT_EQ(text(entry.at("kind")), "success");
  EXPECT_EQ(text(entry.at("rcode")), "NOERROR");
  EXPECT_EQ(text(entry.at("state")), "fresh");
  const json::value& record = entry.at("records").at(0);
  EXPECT_EQ(text(record.at("name")), "www.example.org.");
  EXPECT_EQ(text(record.at("type")), "A");
  EXPECT_GT(record.at("ttl").as_int64(), 0);
  EXPECT_TRUE(cached("name=www.example.org&type=AAAA").empty());
  EXPECT_EQ(explanation("name=www.example.org").at("cached").as_array().size(), 1U);
  EXPECT_EQ(server->status().caches.at(0).requests, 1U) << "looking is not asking";
}

TEST_F(Inspection, ExplainsFromWhatIsInForce) {
  support::ScriptedUpstream upstream(support::answer);
  BlockOptions options = mesh_block();
  options.where = {"Corefile", 1};
  options.mesh->reload = false;
  forward_to(options, upstream.address());
  options.forward[0].where = {"Corefile", 5};
  start_inspected({options});
  json::object mesh = explanation("name=a.wild.mesh");
  EXPECT_EQ(text(mesh.at("askedAt")), "[\"" + address().to_string() + "\"]");
  EXPECT_EQ(text(mesh.at("block")), "Corefile:1");
  EXPECT_EQ(text(mesh.at("directive")), "mesh");
  EXPECT_EQ(text(mesh.at("answer")), "NOERROR, 1 record, from the mesh zone");
  EXPECT_EQ(text(mesh.at("records").at(0).at("file")), folder.path("zone.yaml"));
  EXPECT_EQ(text(mesh.at("records").at(0).at("line")), "5");
  EXPECT_THAT(text(mesh.at("because")), HasSubstr("the wildcard covers the name"));
  EXPECT_EQ(text(mesh.at("zone").at("loads")), "1");
  EXPECT_GE(mesh.at("zone").at("ageSeconds").as_int64(), 0);

  const json::object forwarded = explanation("name=www.example.org&type=TXT");
  EXPECT_EQ(text(forwarded.at("directive")), "forward");
  EXPECT_EQ(text(forwarded.at("forward")), "Corefile:5");
  EXPECT_EQ(text(forwarded.at("upstreams").at(0).at("address")), upstream.address().to_string());
  EXPECT_EQ(text(forwarded.at("upstreams").at(0).at("down")), "false");
  EXPECT_TRUE(upstream.questions().empty()) << "nobody was asked";

  folder.write("zone.yaml", "records: [{name: a.wild.mesh, ips: [240.0.0.9]}]");
  EXPECT_THAT(text(explanation("name=a.wild.mesh").at("because")), HasSubstr("the wildcard"))
      << "the file is not in force yet";
  ASSERT_TRUE(server->reload_zones());
  mesh = explanation("name=a.wild.mesh");
  EXPECT_EQ(text(mesh.at("records").at(0).at("line")), "1");
  EXPECT_EQ(text(mesh.at("zone").at("loads")), "2");
  folder.write("zone.yaml", "records: nothing");
  EXPECT_FALSE(server->reload_zones());
  mesh = explanation("name=a.wild.mesh");
  EXPECT_EQ(text(mesh.at("zone").at("loadFailures")), "1");
  EXPECT_THAT(text(mesh.at("zone").at("lastError")), HasSubstr("zone.yaml:1:"));
  EXPECT_EQ(text(mesh.at("records").at(0).at("line")), "1") << "the zone in force stays";
}

TEST_F(Inspection, ExplainsAReplacedZone) {
  BlockOptions options = block();
  options.mesh.emplace();
  start_inspected({options});
  MeshZone zone = parse_mesh_zone(shop_zone(), "made.yaml", {}).value();
  ASSERT_TRUE(server->replace_zone(0, std::move(zone)));
  EXPECT_EQ(text(explanation("name=v4.mesh").at("records").at(0).at("file")), "made.yaml");
}

TEST_F(Inspection, ExplainsWhatAnOptionMakesOfAName) {
  BlockOptions options = mesh_block();
  options.mesh->ent_nxdomain = true;
  options.mesh->search = {.suffixes = {domain("example.net")}, .resolv_conf = ""};
  start_inspected({options});
  const json::object empty = explanation("name=wild.mesh");
  EXPECT_THAT(text(empty.at("answer")), StartsWith("NXDOMAIN"));
  EXPECT_THAT(text(empty.at("because")), HasSubstr("only names below it (`ent`)"));
  const json::object searched = explanation("name=v4.mesh.example.net");
  EXPECT_EQ(text(searched.at("answer")), "NXDOMAIN, 0 records, from the mesh zone");
  EXPECT_THAT(text(searched.at("because")),
              StartsWith("it is v4.mesh. with example.net. of the search list"));
  EXPECT_EQ(text(searched.at("records").at(0).at("name")), "v4.mesh");
  EXPECT_THAT(text(explanation("name=absent.wild.example").at("answer")), StartsWith("REFUSED"));
  EXPECT_THAT(text(explanation("name=absent.mesh").at("because")), HasSubstr("no file has this name"));
}

TEST_F(Inspection, ExplainsThatAddressesAreHidden) {
  BlockOptions options = block();
  forward_to(options, socket_address("127.0.0.1:1"));
  options.plugins.filter = FilterOptions{.qtype = 28, .unless_only = true, .where = {}};
  start_inspected({options});
  EXPECT_EQ(text(explanation("name=www.example.org&type=AAAA").at("but").at(0)),
            "`filter aaaa unless-only` hides its addresses from clients, if it has A records, too");
  EXPECT_TRUE(explanation("name=www.example.org").at("but").as_array().empty());
}

TEST_F(Inspection, RefusesWhatItDoesNotUnderstand) {
  start_inspected({mesh_block()});
  const std::pair<std::string, std::string> cases[] = {
      {"/explain", "400 /explain needs a name"},
      {"/cache?type=A", "400 /cache needs a name"},
      {"/explain?name=a..b", "400 name: 'a..b': "},
      {"/explain?name=" + std::string(64, 'x'), "400 name: '" + std::string(64, 'x') + "': label longer"},
      {"/zone?name=" + std::string(4000, 'x'), "400 name: '" + std::string(80, 'x') + "': "},
      {"/zone?suffix=%00%1b[2J..", "400 suffix: '??[2J..': "},
      {"/explain?name=a&type=NOTYPE", "400 type: 'NOTYPE': not a type"},
      {"/explain?name=a&type=", "400 type: '': not a type"},
      {"/explain?name=a&type=TYPE70000", "400 type: 'TYPE70000': not a type"},
      {"/cache?name=a&type=A%00B", "400 type: 'A?B': not a type"},
      {"/explain?name=a&nome=b", "400 unknown parameter 'nome', expected name, type"},
      {"/upstreams?x", "400 unknown parameter 'x', expected none"},
      {"/inflight?limit=9999999999999", "400 unknown parameter 'limit', expected none"},
      {"/", "404 "},
      {"/zone/", "404 "},
      {"/metrics", "404 "},
      {"/../etc/passwd", "404 "},
  };
  for (const auto& [target, expected] : cases) {
    EXPECT_THAT(get(target), StartsWith(expected)) << target;
  }
  for (const std::string method : {"POST", "PUT", "DELETE", "HEAD"}) {
    HttpClient client(http_address());
    ASSERT_TRUE(client.send(method + " /zone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"));
    const auto answer = client.receive();
    EXPECT_EQ(answer ? answer->status : 0, 405) << method;
  }
  // Strange, but questions nevertheless.
  for (const char* question : {"name=.", "name=%5c000.mesh", "name=*.wild.mesh&type=TYPE65535",
                               "name=v4.mesh&type=OPT", "name=v4.mesh&type=AXFR", "name=v4.mesh&type=ANY"}) {
    EXPECT_THAT(get("/explain?" + std::string(question)), StartsWith("200 ")) << question;
    EXPECT_THAT(get("/cache?" + std::string(question)), StartsWith("200 ")) << question;
  }
  EXPECT_TRUE(ask_udp(address(), {.name = "v4.mesh"}));
}

TEST_F(Inspection, IsNotThereUnlessConfigured) {
  BlockOptions options = mesh_block();
  options.prometheus = PrometheusOptions{.listen = {socket_address("127.0.0.1:0")}, .where = {}};
  start(options);
  for (const char* path : {"/zone", "/upstreams", "/inflight", "/cache?name=a", "/explain?name=a"}) {
    EXPECT_THAT(get(path), StartsWith("404 ")) << path;
  }

  ServerOptions inspected{
      .blocks = {mesh_block()},
      .admin = AdminOptions{.listen = {socket_address("127.0.0.1:0")}, .where = {}},
  };
  ASSERT_TRUE(server->reload(inspected));
  const SocketAddress http = http_address();
  EXPECT_EQ(names(records("/zone")).size(), 6U) << "a reload brings it";
  inspected.admin.reset();
  ASSERT_TRUE(server->reload(inspected));
  EXPECT_TRUE(server->status().http_listening.empty());
  EXPECT_FALSE(http_get(http, "/zone")) << "and takes it away";
}

TEST_F(Inspection, IsForThisHostAlone) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0"}) {
    const auto refused = Server::start(
        {.blocks = {block()}, .admin = AdminOptions{.listen = {socket_address(address)}, .where = {}}}, {});
    ASSERT_FALSE(refused) << address;
    EXPECT_EQ(refused.error().code, Errc::InvalidConfig);
    EXPECT_THAT(refused.error().what, HasSubstr("is no loopback address"));
  }
}

TEST_F(Inspection, StopsWithTheServer) {
  start_inspected({mesh_block()});
  const SocketAddress http = http_address();
  HttpClient client(http);
  ASSERT_TRUE(client.get("/upstreams"));
  server->stop();
  EXPECT_TRUE(client.ends_within(kPatience));
  EXPECT_FALSE(http_get(http, "/upstreams"));
}

}  // namespace
}  // namespace meshdns::test
