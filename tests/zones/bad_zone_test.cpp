// What plain records, and text that is none, are refused for.
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <meshdns/zone_file.hpp>

namespace meshdns {
namespace {

using ::testing::EndsWith;

std::string fault(std::string_view text) {
  const auto zone = parse_mesh_zone(text, "f", {});
  if (zone) {
    return "no fault";
  }
  EXPECT_EQ(zone.error().code, Errc::InvalidZone);
  return zone.error().what;
}

struct BadInput {
  const char* text;
  const char* expected;
};

void PrintTo(const BadInput& input, std::ostream* out) {
  *out << input.text;
}

class BadZone : public ::testing::TestWithParam<BadInput> {};

TEST_P(BadZone, IsRefusedWithPlaceAndReason) {
  EXPECT_EQ(fault(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Documents, BadZone,
    ::testing::Values(
        BadInput{"", "f:1:1: empty file, expected a document with 'records'"},
        BadInput{"# nothing yet\n", "f:1:1: empty file, expected a document with 'records'"},
        BadInput{"---\n---\n", "f:1:1: empty file, expected a document with 'records'"},
        BadInput{"hello", "f:1:1: the document is 'hello', expected a map with 'records'"},
        BadInput{"- a\n- b\n", "f:1:1: the document is a list, expected a map with 'records'"},
        BadInput{"[]", "f:1:1: the document is a list, expected a map with 'records'"},
        BadInput{"{}", "f:1:1: a document without 'records', expected a list of records, which may be empty"},
        BadInput{"records: []\n---\nmesh: x\n",
                 "f:3:1: a document without 'records', expected a list of records, which may be empty"},
        BadInput{"records:\n", "f:1:1: 'records' is empty, expected a list of records"},
        BadInput{"records: none\n", "f:1:10: 'records' is 'none', expected a list of records"},
        BadInput{"records: {a: b}\n", "f:1:10: 'records' is a map, expected a list of records"},
        BadInput{"record: []\n", "f:1:1: unknown key 'record', did you mean 'records'?"},
        BadInput{"records: []\nTTL: 3\n", "f:2:1: unknown key 'TTL', did you mean 'ttl'?"},
        BadInput{"records: []\nextralabel: {}\n",
                 "f:2:1: unknown key 'extralabel', did you mean 'extraLabels'?"},
        BadInput{
            "records: []\nhosts: {}\n",
            "f:2:1: unknown key 'hosts', expected one of: mesh, ttl, owns, records, extraLabels, overlays"},
        BadInput{"ttl: 30\nrecords: []\nttl: 60\n", "f:3:1: duplicate key 'ttl', first given at 1:1"},
        BadInput{"records: []\n\"records\": []\n", "f:2:1: duplicate key 'records', first given at 1:1"},
        BadInput{"ttl: 0\nrecords: []\n", "f:1:6: 'ttl' is '0', expected a whole number from 1 to 86400"},
        BadInput{"ttl: 86401\nrecords: []\n",
                 "f:1:6: 'ttl' is '86401', expected a whole number from 1 to 86400"},
        BadInput{"ttl: -1\nrecords: []\n", "f:1:6: 'ttl' is '-1', expected a whole number from 1 to 86400"},
        BadInput{"ttl: 99999999999\nrecords: []\n",
                 "f:1:6: 'ttl' is '99999999999', expected a whole number from 1 to 86400"},
        BadInput{"ttl: 30s\nrecords: []\n", "f:1:6: 'ttl' is '30s', expected a whole number from 1 to 86400"},
        BadInput{"ttl: '30'\nrecords: []\n",
                 "f:1:6: 'ttl' is text '30', expected a whole number from 1 to 86400"},
        BadInput{"ttl: 030\nrecords: []\n", "f:1:6: 'ttl' is '030', expected a whole number from 1 to 86400"},
        BadInput{"ttl:\nrecords: []\n", "f:1:1: 'ttl' is empty, expected a whole number from 1 to 86400"},
        BadInput{"ttl: [1]\nrecords: []\n",
                 "f:1:6: 'ttl' is a list, expected a whole number from 1 to 86400"},
        BadInput{"mesh: []\nrecords: []\n", "f:1:7: 'mesh' is a list, expected the name of the mesh"},
        BadInput{"owns: mesh\nrecords: []\n", "f:1:7: 'owns' is 'mesh', expected a list of suffixes"},
        BadInput{"owns: [[]]\nrecords: []\n", "f:1:8: an item of 'owns' is a list, expected a domain name"},
        BadInput{"owns: [.mesh]\nrecords: []\n", "f:1:8: invalid suffix '.mesh': empty label"},
        BadInput{
            "owns: ['*.mesh']\nrecords: []\n",
            "f:1:8: invalid suffix '*.mesh': a wildcard, expected the suffix alone: it stands for all names "
            "below it"},
        BadInput{"extraLabels: [a]\nrecords: []\n",
                 "f:1:14: 'extraLabels' is a list, expected a map of texts"},
        BadInput{"extraLabels: {zone: [a]}\nrecords: []\n", "f:1:21: label 'zone' is a list, expected text"},
        BadInput{"type: Dataplane\nmesh: default\nname: web\n",
                 "f:1:1: networking.address is missing, expected an IP address or a DNS name"},
        BadInput{"records: []\n---\napiVersion: kuma.io/v1alpha1\nkind: MeshService\n",
                 "f:3:1: metadata.name is missing, expected a name"}));

INSTANTIATE_TEST_SUITE_P(
    Records, BadZone,
    ::testing::Values(
        BadInput{"records: [a.mesh]",
                 "f:1:11: an item of 'records' is 'a.mesh', expected a map with 'name' and 'ips'"},
        BadInput{"records:\n- name: a.mesh\n  ip: [1.2.3.4]\n",
                 "f:3:3: unknown key 'ip', did you mean 'ips'?"},
        BadInput{"records:\n- name: a.mesh\n  address: 1.2.3.4\n",
                 "f:3:3: unknown key 'address', expected one of: name, ips, ports, ttl, mode"},
        BadInput{"records:\n- ips: []\n", "f:2:3: a record without 'name', expected its domain name"},
        BadInput{"records:\n- name: a.mesh\n",
                 "f:2:3: a record without 'ips', expected a list of addresses, which may be empty"},
        BadInput{"records:\n- name: a.mesh\n  ips: []\n  name: b.mesh\n",
                 "f:4:3: duplicate key 'name', first given at 2:3"},
        BadInput{"records: [{name: , ips: []}]", "f:1:12: 'name' is empty, expected a domain name"},
        BadInput{"records: [{name: [a], ips: []}]", "f:1:18: 'name' is a list, expected a domain name"},
        BadInput{"records: [{name: '', ips: []}]", "f:1:18: invalid name '': empty name"},
        BadInput{"records: [{name: a..mesh, ips: []}]", "f:1:18: invalid name 'a..mesh': empty label"},
        BadInput{"records: [{name: my shop.mesh, ips: []}]",
                 "f:1:18: invalid name 'my shop.mesh': white space in a name"},
        BadInput{"records: [{name: ., ips: []}]",
                 "f:1:18: invalid name '.': the root, expected a name below it"},
        BadInput{"records: [{name: '*', ips: []}]",
                 "f:1:18: invalid name '*': a wildcard for every name, expected a suffix after '*.'"},
        BadInput{"records: [{name: a.*.mesh, ips: []}]",
                 "f:1:18: invalid name 'a.*.mesh': '*' as a later label, expected it as the first one only"},
        BadInput{"records: [{name: '*.*.mesh', ips: []}]",
                 "f:1:18: invalid name '*.*.mesh': '*' as a later label, expected it as the first one only"},
        BadInput{"records: [{name: \"a\\tb\", ips: []}]",
                 "f:1:18: invalid name 'a\\x09b': white space in a name"},
        BadInput{"records: [{name: a, ips: [], ttl: 100000}]",
                 "f:1:35: 'ttl' is '100000', expected a whole number from 1 to 86400"}));

INSTANTIATE_TEST_SUITE_P(
    Addresses, BadZone,
    ::testing::Values(
        BadInput{"records: [{name: a, ips: 1.2.3.4}]",
                 "f:1:26: 'ips' is '1.2.3.4', expected a list of addresses"},
        BadInput{"records: [{name: a, ips: }]", "f:1:21: 'ips' is empty, expected a list of addresses"},
        BadInput{"records: [{name: a, ips: [b.mesh]}]",
                 "f:1:27: invalid address 'b.mesh': expected an IPv4 or IPv6 address"},
        BadInput{"records: [{name: a, ips: ['']}]",
                 "f:1:27: invalid address '': expected an IPv4 or IPv6 address"},
        BadInput{"records: [{name: a, ips: [1.2.3]}]",
                 "f:1:27: invalid address '1.2.3': expected an IPv4 or IPv6 address"},
        BadInput{"records: [{name: a, ips: [1.2.3.256]}]",
                 "f:1:27: invalid address '1.2.3.256': expected an IPv4 or IPv6 address"},
        BadInput{"records: [{name: a, ips: [240.0.0.1, '240.0.0.1::']}]",
                 "f:1:38: invalid address '240.0.0.1::': expected an IPv4 or IPv6 address"},
        BadInput{"records: [{name: a, ips: ['1.2.3.4:80']}]",
                 "f:1:27: invalid address '1.2.3.4:80': a port, expected the address alone; ports go into "
                 "'ports'"},
        BadInput{"records: [{name: a, ips: [240.0.0.0/4]}]",
                 "f:1:27: invalid address '240.0.0.0/4': a range of addresses, expected a single address"},
        BadInput{"records: [{name: a, ips: [240.000.0.01]}]",
                 "f:1:27: invalid address '240.000.0.01': leading zeros, expected 240.0.0.1"},
        BadInput{"records: [{name: a, ips: ['[fd00::1]']}]",
                 "f:1:27: invalid address '[fd00::1]': brackets, expected the address without them"},
        BadInput{"records: [{name: a, ips: ['fe80::1%eth0']}]",
                 "f:1:27: invalid address 'fe80::1%eth0': an interface, expected the address without it"},
        BadInput{"records: [{name: a, ips: [fd00:: ]}]",
                 "f:1:27: an item of 'ips' is a map, expected an address (in quotes if it ends with ':')"},
        BadInput{
            "records: [{name: a, ips: [fd00::]}]",
            "f:1:32: not YAML: found unexpected ':' while scanning a plain scalar begun at 1:27, expected "
            "quotes around text with ':'"}));

INSTANTIATE_TEST_SUITE_P(
    Ports, BadZone,
    ::testing::Values(
        BadInput{"records: [{name: a, ips: [], ports: 80}]",
                 "f:1:37: 'ports' is '80', expected a list of ports"},
        BadInput{"records: [{name: a, ips: [], ports: [0]}]",
                 "f:1:38: an item of 'ports' is '0', expected a whole number from 1 to 65535"},
        BadInput{"records: [{name: a, ips: [], ports: [http]}]",
                 "f:1:38: an item of 'ports' is 'http', expected a whole number from 1 to 65535"},
        BadInput{"records: [{name: a, ips: [], ports: [{port: 65536}]}]",
                 "f:1:45: 'port' is '65536', expected a whole number from 1 to 65535"},
        BadInput{"records: [{name: a, ips: [], ports: [{name: http}]}]",
                 "f:1:38: a port without 'port', expected its number"},
        BadInput{"records: [{name: a, ips: [], ports: [{port: 80, proto: tcp}]}]",
                 "f:1:49: unknown key 'proto', did you mean 'protocol'?"},
        BadInput{"records: [{name: a, ips: [], ports: [{port: 80, protocol: http}]}]",
                 "f:1:59: 'protocol' is 'http', expected one of: tcp, udp, sctp"},
        BadInput{"records: [{name: a, ips: [], ports: [{port: 80, name: a.b}]}]",
                 "f:1:55: invalid port name 'a.b': expected 1 to 62 letters, digits, '-' or '_'"},
        BadInput{"records: [{name: a, ips: [], ports: [{port: 80, name: []}]}]",
                 "f:1:55: 'name' of a port is a list, expected text"}));

INSTANTIATE_TEST_SUITE_P(
    Yaml, BadZone,
    ::testing::Values(
        BadInput{"records: [",
                 "f:1:11: not YAML: did not find expected node content while parsing a flow node"},
        BadInput{"a: b: c",
                 "f:1:5: not YAML: mapping values are not allowed in this context, expected quotes around "
                 "text with ':'"},
        BadInput{"{\"records\": [}",
                 "f:1:14: not YAML: did not find expected node content while parsing a flow node"},
        BadInput{"records: []\n]",
                 "f:2:1: not YAML: did not find expected key while parsing a block mapping begun at 1:1"},
        BadInput{"records: &all []\nowns: *all\n",
                 "f:2:7: aliases are not supported, expected the value itself"},
        BadInput{"? [a]\n: b\n", "f:1:3: a key is not text, expected a word such as 'name'"},
        BadInput{"~: b\n", "f:1:1: a key is not text, expected a word such as 'name'"},
        BadInput{"records: []\nmesh: \xff\n",
                 "f:2:7: octet 0xff is not UTF-8, expected a text file in UTF-8"},
        BadInput{"mesh: \xed\xa0\x80", "f:1:7: octet 0xed is not UTF-8, expected a text file in UTF-8"}));

TEST(BadZone, MayHoldNoNul) {
  EXPECT_EQ(fault(std::string_view("records:\n  \0[]", 14)), "f:2:3: NUL character, expected a text file");
}

TEST(BadZone, IsRefusedQuicklyHoweverDeepItIsNested) {
  EXPECT_EQ(fault(std::string(20'000, '[') + std::string(20'000, ']')),
            "f:1:33: nested deeper than 32 levels");
  std::string maps;
  for (int i = 0; i < 20'000; ++i) {
    maps += "{a: ";
  }
  EXPECT_THAT(fault(maps), EndsWith("nested deeper than 32 levels"));
  std::string lists;
  for (int i = 0; i < 20'000; ++i) {
    lists += "- ";
  }
  EXPECT_THAT(fault(lists), EndsWith("nested deeper than 32 levels"));
}

TEST(BadZone, QuotesLongTextsShort) {
  EXPECT_EQ(fault("records: [{name: a, ips: [" + std::string(500, 'x') + "]}]"),
            "f:1:27: invalid address '" + std::string(80, 'x') + "...': expected an IPv4 or IPv6 address");
}

}  // namespace
}  // namespace meshdns
