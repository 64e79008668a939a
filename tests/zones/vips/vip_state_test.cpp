#include "zones/vips/vip_state.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace meshdns::vips {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

VipState small_state() {
  return {.legacy = {{"default",
                      {{"0:cart", {ip("240.0.0.0")}}, {"1:api.example", {ip("240.0.0.1"), ip("fd00::1")}}}},
                     {"empty", {}}},
          .backends = {{"MeshService", {{"default/cart", {ip("241.0.0.0")}}}}}};
}

Allocations default_mesh(std::string_view text) {
  auto state = parse_vip_state(text, "vips.json", "default");
  EXPECT_TRUE(state) << state.error().what;
  return state ? state->legacy["default"] : Allocations{};
}

std::string fault_of(std::string_view text) {
  const auto state = parse_vip_state(text, "vips.json", "default");
  EXPECT_FALSE(state) << text;
  EXPECT_TRUE(state || state.error().code == Errc::InvalidZone);
  return state ? "" : state.error().what;
}

TEST(VipState, IsWrittenWithOneOwnerPerLine) {
  EXPECT_EQ(to_json(small_state()), R"({
  "version": 1,
  "legacy": {
    "default": {
      "0:cart": ["240.0.0.0"],
      "1:api.example": ["240.0.0.1", "fd00::1"]
    },
    "empty": {}
  },
  "backends": {
    "MeshService": {
      "default/cart": ["241.0.0.0"]
    }
  }
}
)");
  EXPECT_EQ(to_json({}), "{\n  \"version\": 1,\n  \"legacy\": {},\n  \"backends\": {}\n}\n");
}

TEST(VipState, IsReadAsItWasWritten) {
  const VipState odd{.legacy = {{"a \"mesh\"\n", {{"2:\\ \x01 \xff \xc3\xa4:b", {ip("fd00::")}}}}},
                     .backends = {}};
  for (const VipState& state : {VipState{}, small_state(), odd}) {
    const auto read = parse_vip_state(to_json(state), "vips.json", "other");
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(*read, state);
  }
}

TEST(VipState, WithAHundredThousandOwnersIsReadAsItWasWritten) {
  VipState state;
  IpAddress address = ip("240.0.0.0");
  for (int i = 0; i < 100'000; ++i) {
    address.octets[1] = static_cast<std::uint8_t>(i >> 16);
    address.octets[2] = static_cast<std::uint8_t>(i >> 8);
    address.octets[3] = static_cast<std::uint8_t>(i);
    state.legacy["default"].emplace(fmt::format("0:service-{}", i), Addresses{address});
    state.backends["MeshService"].emplace(fmt::format("default/service-{}", i), Addresses{address});
  }
  const auto read = parse_vip_state(to_json(state), "vips.json", "");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_TRUE(*read == state);
}

TEST(VipState, KnowsKeysInAnyOrderAndIPv4First) {
  const auto state = parse_vip_state(
      R"({"backends":{"MeshService":{"a/b":["fd00::1","241.0.0.0"]}},"legacy":{},"version":1})", "vips.json",
      "");
  ASSERT_TRUE(state) << state.error().what;
  EXPECT_THAT(state->backends.at("MeshService").at("a/b"), ElementsAre(ip("241.0.0.0"), ip("fd00::1")));
}

TEST(VipState, OfTheSameAddressInTwoMeshesIsFine) {
  EXPECT_TRUE(parse_vip_state(
      R"({"version":1,"legacy":{"a":{"0:x":["240.0.0.0"]},"b":{"0:y":["240.0.0.0"]}}})", "vips.json", ""));
}

TEST(KumaVips, InTheDefaultFormAreRead) {
  EXPECT_THAT(default_mesh(R"({
    "0:cart": {"address": "240.0.0.0", "outbounds": [
      {"Port": 80, "TagSet": {"kuma.io/service": "cart"}, "Origin": "service"}]},
    "1:api.example": {"outbounds": [], "address": "240.0.0.1"},
    "2:a:b.mesh": {"address": "fd00::", "comment": {"address": ["x", null, {"v": 1.5e3}]}}
  })"),
              ElementsAre(Pair("0:cart", ElementsAre(ip("240.0.0.0"))),
                          Pair("1:api.example", ElementsAre(ip("240.0.0.1"))),
                          Pair("2:a:b.mesh", ElementsAre(ip("fd00::")))));
}

TEST(KumaVips, BelongToTheMeshThatTheCallerNames) {
  const auto state = parse_vip_state(R"({"0:v":{"address":"240.0.0.0"}})", "vips.json", "shop");
  ASSERT_TRUE(state);
  EXPECT_THAT(state->legacy,
              ElementsAre(Pair("shop", ElementsAre(Pair("0:v", ElementsAre(ip("240.0.0.0")))))));
}

TEST(KumaVips, WithoutAddressAreNone) {
  EXPECT_THAT(default_mesh(R"({"0:a":{}, "0:b":{"address":""}, "0:c":{"address":null}, "0:d":null})"),
              IsEmpty());
  EXPECT_THAT(default_mesh("{}"), IsEmpty());
  EXPECT_THAT(default_mesh(R"({"v":{}})"), IsEmpty());
  EXPECT_THAT(default_mesh(R"({"v":null})"), IsEmpty());
}

TEST(KumaVips, OfHostsThatAreAddressesAreNotVirtual) {
  EXPECT_THAT(default_mesh(R"({"1:10.0.0.1":{"address":"10.0.0.1"}, "1:fd00::1":{"address":"fd00::1"}})"),
              IsEmpty());
  EXPECT_THAT(default_mesh(R"({"v":{"a":{"oe":[{"ap":[{"a":"10.0.0.1","p":80,"o":"k8s"}]}]}}})"), IsEmpty());
}

TEST(KumaVips, InTheCompressedFormAreRead) {
  EXPECT_THAT(default_mesh(R"({"v": {
    "cart": {"oe": [
      {"ap": [{"a": "240.0.0.1", "o": "svc"}, {"a": "240.0.0.1", "p": 8080, "o": "svc"},
              {"a": "240.0.0.2", "d": "cart.mesh", "p": 80, "o": "virtual-outbound:all"}]},
      {"t": {"version": "v1", "a": "b"},
       "ap": [{"a": "240.0.0.3", "d": "v1.cart.mesh", "p": 80, "o": "virtual-outbound:by-version"}]}]},
    "api": {"oe": [{"ap": [{"a": "240.0.0.4", "d": "api.example", "p": 443, "o": "external-service:api"}]}]},
    "edge": {"oe": [{"ap": [{"a": "240.0.0.5", "d": "internal.edge.other.mesh", "p": 80,
                             "o": "mesh-gateway:other:edge:internal.edge.other.mesh"}]}]},
    "k8s": {"oe": [{"ap": [{"a": "240.0.0.6", "d": "pod.headless", "p": 80, "o": "k8s"}]}]}
  }})"),
              ElementsAre(Pair("0:cart", ElementsAre(ip("240.0.0.1"))),
                          Pair("1:api.example", ElementsAre(ip("240.0.0.4"))),
                          Pair("1:pod.headless", ElementsAre(ip("240.0.0.6"))),
                          Pair("2:cart.mesh", ElementsAre(ip("240.0.0.2"))),
                          Pair("2:internal.edge.other.mesh", ElementsAre(ip("240.0.0.5"))),
                          Pair("2:v1.cart.mesh", ElementsAre(ip("240.0.0.3")))));
}

TEST(VipStateFault, SaysWhereAndWhat) {
  const struct {
    const char *text, *fault;
  } cases[] = {
      {"", "vips.json:1:1: incomplete JSON, expected a JSON document"},
      {"{", "vips.json:1:2: incomplete JSON, expected a JSON document"},
      {"[]",
       "vips.json:1:1: the document is not an object, expected the virtual IPs that meshdns or Kuma has "
       "stored"},
      {"null",
       "vips.json:1:1: the document is not an object, expected the virtual IPs that meshdns or Kuma has "
       "stored"},
      {"{} {}", "vips.json:1:4: extra data, expected a JSON document"},
      {"{\n  \"version\": 2}", "vips.json:2:3: wrong value of 'version', expected 1"},
      {"{\"version\": \"1\"}", "vips.json:1:13: wrong value of 'version', expected 1"},
      {"{\"legasy\": {}}", "vips.json:1:2: unknown key 'legasy', did you mean 'legacy'?"},
      {"{\"3:cart\": {}}",
       "vips.json:1:2: unknown key '3:cart', expected one of: version, legacy, backends, v, <type>:<name>"},
      {"{\"0:\": {}}",
       "vips.json:1:2: unknown key '0:', expected one of: version, legacy, backends, v, <type>:<name>"},
      {"{\"version\":1,\n\"legacy\":{\"m\":{\"0:a\":[\"240.0.0.0\"],\n \"9:b\":[\"240.0.0.1\"]}}}",
       "vips.json:3:2: wrong owner '9:b', expected <type>:<name> with type 0, 1 or 2"},
      {"{\"legacy\":{\"m\":{\"foo\": [\"240.0.0.0\"]}}}",
       "vips.json:1:17: wrong owner 'foo', expected <type>:<name> with type 0, 1 or 2"},
      {"{\"legacy\":{\"m\":{\"0:\": [\"240.0.0.0\"]}}}",
       "vips.json:1:17: wrong owner '0:', expected <type>:<name> with type 0, 1 or 2"},
      {"{\"backends\":{\"MeshServise\": {}}}",
       "vips.json:1:14: unknown key 'MeshServise', did you mean 'MeshService'?"},
      {"{\"legacy\":{},\"backends\":{\"foo\":{\"m/a\":[\"241.0.0.0\"]}}}",
       "vips.json:1:26: unknown key 'foo', expected one of: MeshService, MeshExternalService, "
       "MeshMultiZoneService"},
      {"{\"legacy\": []}", "vips.json:1:2: wrong value of 'legacy', expected an object"},
      {"{\"legacy\":{\"m\":{\n\"0:a\": \"240.0.0.0\"}}}",
       "vips.json:2:8: wrong value of '0:a', expected an array"},
      {"{\"legacy\":{\"m\":{\"0:a\": [1]}}}", "vips.json:1:17: wrong value of '0:a', expected a text"},
      {"{\"legacy\":{\"m\":{\"0:a\": []}}}", "vips.json:1:17: '0:a' has no address, expected one or two"},
      {"{\"legacy\":{\"m\":{\"0:a\": [\"240.0.0\"]}}}",
       "vips.json:1:25: bad address '240.0.0', expected an IPv4 or IPv6 address"},
      {"{\"legacy\":{\"m\":{\"0:a\": [\"240.0.0.0\", \"240.0.0.1\"]}}}",
       "vips.json:1:38: a second address of the same family, '240.0.0.1', expected one"},
      {"{\"legacy\":{\"m\":{\"0:a\": [\"240.0.0.0\"],\n\"0:a\": [\"240.0.0.1\"]}}}",
       "vips.json:2:9: '0:a' is there twice, expected it once"},
      {"{\"legacy\":{\"m\":{\"0:a\": [\"240.0.0.0\"],\n\"0:b\": [\"240.0.0.0\"]}}}",
       "vips.json:2:9: address 240.0.0.0 belongs to '0:a' and '0:b', expected one owner"},
      {"{\"0:a\": {\"address\": 7}}", "vips.json:1:10: wrong value of 'address', expected a text"},
      {"{\"0:a\": {\"address\": true}}", "vips.json:1:10: wrong value of 'address', expected a text"},
      {"{\"0:a\": {\"address\": \"cart\"}}",
       "vips.json:1:21: bad address 'cart', expected an IPv4 or IPv6 address"},
      {"{\"v\": {\"a\": {\"oe\": {}}}}", "vips.json:1:14: wrong value of 'oe', expected an array"},
      {"{\"v\": {\"a\": {\"oe\": [{\"ap\": [[]]}]}}}",
       "vips.json:1:22: wrong value of 'ap', expected an object"},
      {"{\"v\": {\"a\": {\"oe\": [{\"ap\": "
       "[{\"a\":\"240.0.0.1\",\"o\":\"svc\"},{\"a\":\"240.0.0.2\",\"o\":\"svc\"}]}]}}}",
       "vips.json:1:78: '0:a' is there twice, expected it once"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(fault_of(c.text), c.fault) << c.text;
  }
}

TEST(VipStateFault, IsFoundInJunkOfAnySize) {
  constexpr std::size_t kSize = 20'000'000;
  std::string nested = R"({"0:a":{"x":)" + std::string(kSize, '[');
  EXPECT_THAT(fault_of(nested), HasSubstr("too deep"));
  EXPECT_THAT(fault_of("{\"" + std::string(kSize, 'k')), HasSubstr("key too large"));
  EXPECT_THAT(fault_of(R"({"0:a":{"address":")" + std::string(kSize, '1')), HasSubstr("string too large"));
  EXPECT_THAT(fault_of(std::string(kSize, ' ')), HasSubstr("incomplete JSON"));
  EXPECT_THAT(fault_of(std::string(kSize, '\0')), HasSubstr("vips.json:1:1: syntax error"));
}

class VipStateFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "meshdns-vips-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = (folder_ / "state.json").string();
  }

  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
  std::string path_;
};

TEST_F(VipStateFile, IsReadAsItWasWritten) {
  ASSERT_TRUE(write_vip_state(path_, small_state()));
  const auto state = read_vip_state(path_, "");
  ASSERT_TRUE(state) << state.error().what;
  EXPECT_EQ(*state, small_state());
}

TEST_F(VipStateFile, ThatDoesNotExistIsEmpty) {
  const auto state = read_vip_state(path_, "default");
  ASSERT_TRUE(state) << state.error().what;
  EXPECT_EQ(*state, VipState{});
}

TEST_F(VipStateFile, ThatWasCutOffIsAFault) {
  for (const char* text : {"", "{\"version\": 1,"}) {
    std::ofstream(path_) << text;
    const auto state = read_vip_state(path_, "default");
    ASSERT_FALSE(state);
    EXPECT_EQ(state.error().code, Errc::InvalidZone);
    EXPECT_THAT(state.error().what, HasSubstr(path_ + ":1:"));
  }
}

TEST_F(VipStateFile, MustBeAFile) {
  const auto state = read_vip_state(folder_, "default");
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::FileUnreadable);
  EXPECT_EQ(state.error().what, folder_.string() + ": not a regular file, expected stored virtual IPs");
}

TEST_F(VipStateFile, ThatCannotBeWrittenIsAFault) {
  const auto done = write_vip_state(folder_ / "missing/state.json", small_state());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::FileUnreadable);
}

}  // namespace
}  // namespace meshdns::vips
