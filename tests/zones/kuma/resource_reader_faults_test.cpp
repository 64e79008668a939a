// What Kuma's validators refuse, and in which words it is said here.
#include <string>

#include <gtest/gtest.h>

#include "tests/zones/kuma/read_resources.hpp"

namespace meshdns::kuma {
namespace {

// `@` in a frame is where the text of a case goes.
struct BadResource {
  const char* frame;
  const char* text;
  const char* expected;  // without the position, "" if nothing is wrong
};

void PrintTo(const BadResource& bad, std::ostream* out) {
  *out << bad.text;
}

std::string yaml(const BadResource& bad) {
  std::string text = bad.frame;
  return text.replace(text.find('@'), 1, bad.text);
}

class RefusedResource : public ::testing::TestWithParam<BadResource> {};

TEST_P(RefusedResource, SaysWhereAndWhy) {
  const std::string fault = fault_of(yaml(GetParam()));
  const std::size_t end_of_position = fault.find(": ");
  const std::string what = end_of_position == std::string::npos ? "" : fault.substr(end_of_position + 2);
  EXPECT_EQ(what, GetParam().expected) << yaml(GetParam());
}

constexpr const char* kAny = "@";

INSTANTIATE_TEST_SUITE_P(
    Envelope, RefusedResource,
    ::testing::Values(
        BadResource{kAny, "{type: [Mesh]}", "type is a list, expected text"},
        BadResource{kAny, "{type: 7}", "type is 7, expected text (in quotes)"},
        BadResource{kAny, "type:", "type is empty, expected a kind of resource, such as Dataplane"},
        BadResource{kAny, "{type: Mesh}", "name is missing, expected a name"},
        BadResource{kAny, "{type: Mesh, name: ''}", "name is '', expected a name"},
        BadResource{kAny, "{type: Mesh, name: 5}", "name is 5, expected a name (in quotes)"},
        BadResource{kAny, "{type: Mesh, name: yes}", "name is 'yes', expected a name (in quotes)"},
        BadResource{kAny, "{type: Mesh, name: '5'}", ""},
        BadResource{kAny, "{type: Mesh, name: {a: b}}", "name is a map, expected a name"},
        BadResource{kAny, "{type: MeshService, name: a, mesh: []}",
                    "mesh is a list, expected the name of a mesh"},
        BadResource{kAny, "{type: Mesh, name: a, labels: [b]}", "labels is a list, expected a map"},
        BadResource{kAny, "{type: Mesh, name: a, labels: {b: [c]}}", "labels.b is a list, expected text"},
        BadResource{kAny, "{type: Mesh, name: a, labels: {b: 1}}",
                    "labels.b is 1, expected text (in quotes)"},
        BadResource{kAny, "{type: Mesh, name: a, labels: {b/c: true}}",
                    "labels[\"b/c\"] is 'true', expected text (in quotes)"},
        BadResource{kAny, "{type: Mesh, name: a, labels: {b: }}", "labels.b is empty, expected text"},
        BadResource{kAny, "{kind: Mesh}",
                    "apiVersion is missing, expected the API of the kind, such as kuma.io/v1alpha1"},
        BadResource{kAny, "{apiVersion: kuma.io/v1alpha1}",
                    "kind is missing, expected a kind of resource, such as MeshService"},
        BadResource{kAny, "{apiVersion: 1, kind: Mesh}", "apiVersion is 1, expected text (in quotes)"},
        BadResource{kAny, "{apiVersion: kuma.io/v1alpha1, kind: Mesh}",
                    "metadata.name is missing, expected a name"},
        BadResource{kAny, "{apiVersion: kuma.io/v1alpha1, kind: Mesh, metadata: a}",
                    "metadata is 'a', expected a map"},
        BadResource{kAny, "{apiVersion: kuma.io/v1alpha1, kind: Mesh, metadata: {name: a, labels: b}}",
                    "metadata.labels is 'b', expected a map"},
        BadResource{kAny, "{apiVersion: kuma.io/v1alpha1, kind: Mesh, metadata: {name: a}, spec: []}",
                    "spec is a list, expected a map"},
        BadResource{kAny, "{items: {a: b}}", "items is a map, expected a list"},
        BadResource{kAny, "{items: 5}", "items is 5, expected a list"},
        BadResource{kAny, "{type: Config, name: kuma-a-dns-vips, config: {}}",
                    "config is a map, expected JSON in a text"},
        BadResource{kAny, "{apiVersion: v1, kind: ConfigMap, metadata: {name: kuma-a-dns-vips}, data: 1}",
                    "data is 1, expected a map"}));

constexpr const char* kMesh = "{type: Mesh, name: a, @}";
constexpr const char* kZoneIngress = "{type: ZoneIngress, name: a, @}";

INSTANTIATE_TEST_SUITE_P(
    Zone, RefusedResource,
    ::testing::Values(
        BadResource{kMesh, "meshServices: Everywhere", "meshServices is 'Everywhere', expected a map"},
        BadResource{kMesh, "meshServices: {mode: everywhere}",
                    "meshServices.mode is 'everywhere', expected one of: Disabled, Everywhere, "
                    "ReachableBackends, Exclusive"},
        BadResource{kMesh, "mesh_services: {mode: 4}",
                    "mesh_services.mode is 4, expected one of: Disabled, Everywhere, ReachableBackends, "
                    "Exclusive"},
        BadResource{kZoneIngress, "zone: []", "zone is a list, expected the name of a zone"},
        BadResource{kZoneIngress, "availableServices: {}", "availableServices is a map, expected a list"},
        BadResource{kZoneIngress, "availableServices: [a]", "availableServices[0] is 'a', expected a map"},
        BadResource{kZoneIngress, "availableServices: [{mesh: a, tags: {b: c}}]",
                    "availableServices[0].tags[\"kuma.io/service\"] is missing, expected the name of a "
                    "service"}));

constexpr const char* kDataplane = "{type: Dataplane, name: a, @}";
constexpr const char* kNetworking =
    "{type: Dataplane, name: a, networking: {inbound: [{port: 1, tags: {kuma.io/service: s}}], @}}";
constexpr const char* kInbound =
    "{type: Dataplane, name: a, networking: {address: 10.0.0.1, inbound: [{tags: {kuma.io/service: s}, @}]}}";
constexpr const char* kTags =
    "{type: Dataplane, name: a, networking: {address: 10.0.0.1, inbound: [{port: 1, @}]}}";

INSTANTIATE_TEST_SUITE_P(
    Dataplane, RefusedResource,
    ::testing::Values(
        BadResource{kDataplane,
                    "networking: ", "networking.address is missing, expected an IP address or a DNS name"},
        BadResource{kDataplane, "networking: [a]", "networking is a list, expected a map"},
        BadResource{kDataplane, "networking: {address: 10.0.0.1}",
                    "networking.inbound is missing, expected at least one inbound, or a gateway"},
        BadResource{kDataplane, "networking: {address: 10.0.0.1, inbound: []}",
                    "networking.inbound is a list, expected at least one inbound, or a gateway"},
        BadResource{kDataplane, "networking: {address: 10.0.0.1, inbound: {port: 1}}",
                    "networking.inbound is a map, expected a list"},
        BadResource{
            kDataplane,
            "networking: {address: 10.0.0.1, gateway: {}, inbound: [{port: 1, tags: {kuma.io/service: "
            "s}}]}",
            "networking.inbound: given together with 'gateway', expected one of them"},
        BadResource{
            kDataplane, "networking: {address: 10.0.0.1, gateway: {tags: {a: b}}}",
            "networking.gateway.tags[\"kuma.io/service\"] is missing, expected the name of a service"},
        BadResource{kDataplane, "networking: {address: 10.0.0.1, gateway: {type: builtin}}",
                    "networking.gateway.type is 'builtin', expected one of: DELEGATED, BUILTIN"},
        BadResource{kNetworking, "address: 0.0.0.0",
                    "networking.address is '0.0.0.0', expected an address that others can reach"},
        BadResource{kNetworking, "address: '::'",
                    "networking.address is '::', expected an address that others can reach"},
        BadResource{kNetworking, "address: ''",
                    "networking.address is '', expected an IP address or a DNS name"},
        BadResource{kNetworking, "address: a b",
                    "networking.address is 'a b', expected an IP address or a DNS name"},
        BadResource{kNetworking, "address: 10.1",
                    "networking.address is 10.1, expected an IP address or a DNS name (in quotes)"},
        BadResource{kNetworking, "address: '2001:db8::1'", ""},
        BadResource{kNetworking, "address: dp.example", ""},
        BadResource{kInbound, "port: 70000",
                    "networking.inbound[0].port is 70000, expected a whole number from 1 to 65535"},
        BadResource{kInbound, "port: 0",
                    "networking.inbound[0].port is 0, expected a whole number from 1 to 65535"},
        BadResource{kInbound, "name: a",
                    "networking.inbound[0].port is missing, expected a whole number from 1 to 65535"},
        BadResource{kInbound, "port: -1",
                    "networking.inbound[0].port is -1, expected a whole number from 1 to 65535"},
        BadResource{kInbound, "port: 'x'",
                    "networking.inbound[0].port is text 'x', expected a whole number from 1 to 65535"},
        BadResource{kInbound, "port: 80.5",
                    "networking.inbound[0].port is 80.5, expected a whole number from 1 to 65535"},
        BadResource{kInbound, "port: http",
                    "networking.inbound[0].port is 'http', expected a whole number from 1 to 65535"},
        BadResource{kInbound, "port: [80]",
                    "networking.inbound[0].port is a list, expected a whole number from 1 to 65535"},
        BadResource{kInbound, "port: true",
                    "networking.inbound[0].port is 'true', expected a whole number from 1 to 65535"},
        BadResource{kInbound, "port: '65535'", ""},
        BadResource{kInbound, "port: 1, address: dp.example",
                    "networking.inbound[0].address is 'dp.example', expected an IP address"},
        BadResource{kInbound, "port: 1, address: ''", ""},
        BadResource{kInbound, "port: 1, name: 8",
                    "networking.inbound[0].name is 8, expected text (in quotes)"},
        BadResource{kInbound, "port: 1, state: Broken",
                    "networking.inbound[0].state is 'Broken', expected one of: Ready, NotReady, Ignored"},
        BadResource{kInbound, "port: 1, state: '2'",
                    "networking.inbound[0].state is '2', expected one of: Ready, NotReady, Ignored"},
        BadResource{kInbound, "port: 1, health: {ready: 'true'}",
                    "networking.inbound[0].health.ready is text 'true', expected true or false"},
        BadResource{kInbound, "port: 1, health: {ready: 1}",
                    "networking.inbound[0].health.ready is 1, expected true or false"},
        BadResource{kTags, "name: x",
                    "networking.inbound[0].tags[\"kuma.io/service\"] is missing, expected the name of a "
                    "service"},
        BadResource{kTags, "tags: {color: teal}",
                    "networking.inbound[0].tags[\"kuma.io/service\"] is missing, expected the name of a "
                    "service"},
        BadResource{
            kTags, "tags: {kuma.io/service: ''}",
            "networking.inbound[0].tags[\"kuma.io/service\"] is '', expected letters, digits or any of "
            ".-_:"},
        BadResource{kTags, "tags: {kuma.io/service: s, v: 1}",
                    "networking.inbound[0].tags.v is 1, expected text (in quotes)"},
        BadResource{kTags, "tags: {kuma.io/service: s, v: a/b}",
                    "networking.inbound[0].tags.v is 'a/b', expected letters, digits or any of .-_:"},
        BadResource{
            kTags, "tags: {kuma.io/service: s, 'a b': c}",
            "networking.inbound[0].tags[\"a b\"]: invalid tag name, expected letters, digits or any of "
            ".-_:/"},
        BadResource{kTags, "tags: kuma.io/service=s",
                    "networking.inbound[0].tags is 'kuma.io/service=s', expected a map"}));

constexpr const char* kProxying =
    "{type: Dataplane, name: a, networking: {address: 10.0.0.1, gateway: {}, transparentProxying: {@}}}";
constexpr const char* kRef =
    "{type: Dataplane, name: a, networking: {address: 10.0.0.1, gateway: {}, transparentProxying: "
    "{reachableBackends: {refs: [{@}]}}}}";

INSTANTIATE_TEST_SUITE_P(
    TransparentProxying, RefusedResource,
    ::testing::Values(
        BadResource{kProxying, "ipFamilyMode: ipv4",
                    "networking.transparentProxying.ipFamilyMode is 'ipv4', expected one of: UnSpecified, "
                    "DualStack, IPv4, IPv6"},
        BadResource{kProxying, "reachableServices: a",
                    "networking.transparentProxying.reachableServices is 'a', expected a list"},
        BadResource{kProxying, "reachableServices: [a, {b: c}]",
                    "networking.transparentProxying.reachableServices[1] is a map, expected the name of a "
                    "service"},
        BadResource{kProxying, "reachableServices: [null]",
                    "networking.transparentProxying.reachableServices[0] is empty, expected the name of a "
                    "service"},
        BadResource{kProxying, "reachableBackends: []",
                    "networking.transparentProxying.reachableBackends is a list, expected a map"},
        BadResource{kProxying, "reachableBackends: {refs: {}}",
                    "networking.transparentProxying.reachableBackends.refs is a map, expected a list"},
        BadResource{kRef, "name: a",
                    "networking.transparentProxying.reachableBackends.refs[0].kind is missing, expected the "
                    "kind of a backend"},
        BadResource{
            kRef, "kind: Service, name: a",
            "networking.transparentProxying.reachableBackends.refs[0].kind is 'Service', expected one "
            "of: MeshService, MeshExternalService, MeshMultiZoneService"},
        BadResource{kRef, "kind: 0, name: a",
                    "networking.transparentProxying.reachableBackends.refs[0].kind is 0, expected one of: "
                    "MeshService, MeshExternalService, MeshMultiZoneService"},
        BadResource{kRef, "kind: MeshService",
                    "networking.transparentProxying.reachableBackends.refs[0]: neither 'name' nor 'labels', "
                    "expected one of them"},
        BadResource{
            kRef, "kind: MeshService, namespace: n",
            "networking.transparentProxying.reachableBackends.refs[0].name is missing, expected a name, "
            "since there is a namespace"},
        BadResource{kRef, "kind: MeshService, name: a, labels: {b: c}",
                    "networking.transparentProxying.reachableBackends.refs[0].labels: given together with "
                    "'name', expected one of them"},
        BadResource{
            kRef, "kind: MeshService, labels: {b: 1}",
            "networking.transparentProxying.reachableBackends.refs[0].labels.b is 1, expected text (in "
            "quotes)"},
        BadResource{
            kRef, "kind: MeshService, name: a, port: 65536",
            "networking.transparentProxying.reachableBackends.refs[0].port is 65536, expected a whole "
            "number from 1 to 65535"}));

constexpr const char* kExternal = "{type: ExternalService, name: a, tags: {kuma.io/service: geo}, @}";
constexpr const char* kAddress =
    "{type: ExternalService, name: a, tags: {kuma.io/service: geo}, networking: {address: '@'}}";

INSTANTIATE_TEST_SUITE_P(
    ExternalService, RefusedResource,
    ::testing::Values(
        BadResource{"{type: ExternalService, name: a, networking: {address: 'a:1'}, @}", "x: y",
                    "tags[\"kuma.io/service\"] is missing, expected the name of a service"},
        BadResource{"{type: ExternalService, name: a, networking: {address: 'geo:1'}, @}",
                    "tags: {kuma.io/service: geo}",
                    "tags[\"kuma.io/service\"] is 'geo', expected another name than the host of "
                    "networking.address"},
        BadResource{kExternal, "x: y",
                    "networking.address is missing, expected host:port, an IPv6 address in brackets"},
        BadResource{kExternal, "networking: {address: {a: b}}",
                    "networking.address is a map, expected host:port, an IPv6 address in brackets"},
        BadResource{kExternal, "networking: {address: 'a.b:1', disableHostDNSEntry: 'no'}",
                    "networking.disableHostDNSEntry is text 'no', expected true or false"},
        BadResource{kExternal, "networking: {address: 'a.b:1', disableHostDNSEntry: []}",
                    "networking.disableHostDNSEntry is a list, expected true or false"},
        BadResource{
            kAddress, "geo.example.org",
            "networking.address is 'geo.example.org', expected host:port, an IPv6 address in brackets"},
        BadResource{kAddress, "2001:db8::1",
                    "networking.address is '2001:db8::1', expected host:port, an IPv6 address in brackets"},
        BadResource{kAddress, "[2001:db8::1]",
                    "networking.address is '[2001:db8::1]', expected host:port, an IPv6 address in brackets"},
        BadResource{kAddress, "a.b:1:2",
                    "networking.address is 'a.b:1:2', expected host:port, an IPv6 address in brackets"},
        BadResource{kAddress, "[[::1]]:80",
                    "networking.address is '[[::1]]:80', expected host:port, an IPv6 address in brackets"},
        BadResource{kAddress, ":80",
                    "networking.address is ':80', expected an IP address or a DNS name before the port"},
        BadResource{kAddress, "a b:80",
                    "networking.address is 'a b:80', expected an IP address or a DNS name before the port"},
        BadResource{kAddress, "http://a.b:80",
                    "networking.address is 'http://a.b:80', expected host:port, an IPv6 address in brackets"},
        BadResource{kAddress,
                    "a.b:", "networking.address is 'a.b:', expected a port from 1 to 65535 after the host"},
        BadResource{kAddress, "a.b:0",
                    "networking.address is 'a.b:0', expected a port from 1 to 65535 after the host"},
        BadResource{kAddress, "a.b:65536",
                    "networking.address is 'a.b:65536', expected a port from 1 to 65535 after the host"},
        BadResource{kAddress, "a.b:http",
                    "networking.address is 'a.b:http', expected a port from 1 to 65535 after the host"}));

constexpr const char* kBackend = "{type: MeshService, name: a, @}";
constexpr const char* kOutside = "{type: MeshExternalService, name: a, @}";
constexpr const char* kMultiZone = "{type: MeshMultiZoneService, name: a, spec: {@}}";

INSTANTIATE_TEST_SUITE_P(
    Backends, RefusedResource,
    ::testing::Values(
        BadResource{
            "{type: MeshService, name: @}",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "name is 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', expected at most "
            "63 characters"},
        BadResource{kBackend, "spec: []", "spec is a list, expected a map"},
        BadResource{kBackend, "spec: {ports: 80}", "spec.ports is 80, expected a list"},
        BadResource{kBackend, "spec: {ports: [80]}", "spec.ports[0] is 80, expected a map"},
        BadResource{kBackend, "spec: {ports: [{name: a}]}",
                    "spec.ports[0].port is missing, expected a whole number from 1 to 65535"},
        BadResource{kBackend, "spec: {ports: [{port: '80'}]}",
                    "spec.ports[0].port is text '80', expected a whole number from 1 to 65535"},
        BadResource{kBackend, "spec: {ports: [{port: 1, name: 2}]}",
                    "spec.ports[0].name is 2, expected the name of a port (in quotes)"},
        BadResource{kBackend, "status: {vips: {ip: 241.0.0.1}}", "status.vips is a map, expected a list"},
        BadResource{kBackend, "status: {vips: [241.0.0.1]}", "status.vips[0] is '241.0.0.1', expected a map"},
        BadResource{kBackend, "status: {vips: [{ip: a.b}]}",
                    "status.vips[0].ip is 'a.b', expected an IP address"},
        BadResource{kBackend, "status: {addresses: [a]}", "status.addresses[0] is 'a', expected a map"},
        BadResource{kBackend, "status: {addresses: [{hostname: [a]}]}",
                    "status.addresses[0].hostname is a list, expected a host name"},
        BadResource{kBackend, "Spec: {ports: 80}", ""},
        BadResource{kOutside, "spec: {}",
                    "spec.match.port is missing, expected a whole number from 1 to 65535"},
        BadResource{kOutside, "spec: {match: {port: 80, type: Other}}",
                    "spec.match.type is 'Other', expected one of: HostnameGenerator"},
        BadResource{kOutside, "spec: {match: {port: 80}}, status: {vip: 242.0.0.1}",
                    "status.vip is '242.0.0.1', expected a map"},
        BadResource{kOutside, "spec: {match: {port: 80}}, status: {vip: {ip: 242.0.0.1/8}}",
                    "status.vip.ip is '242.0.0.1/8', expected an IP address"},
        BadResource{kMultiZone, "ports: [{port: 1}]",
                    "spec.selector.meshService.matchLabels is missing, expected at least one label"},
        BadResource{kMultiZone, "ports: [{port: 1}], selector: {meshService: {matchLabels: {}}}",
                    "spec.selector.meshService.matchLabels: no label, expected at least one"},
        BadResource{kMultiZone, "selector: {meshService: {matchLabels: {a: b}}}",
                    "spec.ports is missing, expected at least one port"},
        BadResource{kMultiZone, "selector: {meshService: {matchLabels: {a: b}}}, ports: []",
                    "spec.ports is a list, expected at least one port"}));

constexpr const char* kGateway = "{type: MeshGateway, name: a, conf: {listeners: [{@}]}}";

INSTANTIATE_TEST_SUITE_P(
    MeshGateway, RefusedResource,
    ::testing::Values(
        BadResource{kGateway, "hostname: a",
                    "conf.listeners[0].port is missing, expected a whole number from 1 to 65535"},
        BadResource{kGateway, "port: 80, crossMesh: maybe",
                    "conf.listeners[0].crossMesh is 'maybe', expected true or false"},
        BadResource{kGateway, "port: 80, hostname: A.b",
                    "conf.listeners[0].hostname is 'A.b', expected a host name in lower case, '*' or '*.' "
                    "before one"},
        BadResource{kGateway, "port: 80, hostname: a.*.b",
                    "conf.listeners[0].hostname is 'a.*.b', expected a host name in lower case, '*' or '*.' "
                    "before one"},
        BadResource{"{type: MeshGateway, name: a, @}", "selectors: [{match: []}]",
                    "selectors[0].match is a list, expected a map"}));

TEST(FaultOfResource, HasThePlaceOfTheValue) {
  EXPECT_EQ(fault_of("type: Dataplane\nname: a\nnetworking:\n  address: 10.0.0.1\n  inbound:\n"
                     "  - port: 80\n    tags: {kuma.io/service: a}\n  - port: 70000\n"),
            "8:11: networking.inbound[1].port is 70000, expected a whole number from 1 to 65535");
  EXPECT_EQ(fault_of("type: Dataplane\nname: a\nnetworking:\n  inbound: []\n"),
            "4:3: networking.address is missing, expected an IP address or a DNS name");
  EXPECT_EQ(fault_of("type: MeshExternalService\nname: a\nspec:\n"),
            "3:1: spec.match.port is missing, expected a whole number from 1 to 65535");
}

TEST(FaultOfResource, NamesKeysAsTheyAreWritten) {
  EXPECT_EQ(
      fault_of("{apiVersion: kuma.io/v1alpha1, kind: ExternalService, metadata: {name: a}, spec: {tags: "
               "{kuma.io/service: s}, networking: {address: 'a:1', disable_host_dns_entry: 5}}}"),
      "1:164: spec.networking.disable_host_dns_entry is 5, expected true or false");
}

}  // namespace
}  // namespace meshdns::kuma
