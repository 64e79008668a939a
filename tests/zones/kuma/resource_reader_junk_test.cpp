// Whatever stands in a field, it is read or refused, and never more than that.
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/zones/kuma/read_resources.hpp"

namespace meshdns::kuma {
namespace {

using text::YamlNode;

// Every field that is read, of every kind, once.
constexpr std::string_view kEverything =
    "{type: Dataplane, mesh: m, name: d, creationTime: 2025-03-04T05:06:07Z, labels: {a: b}, networking: "
    "{address: "
    "10.0.0.1, inbound: [{port: 80, name: a, address: 10.0.0.2, state: Ready, health: {ready: true}, tags: "
    "{kuma.io/service: s}}], transparentProxying: {ipFamilyMode: IPv4, reachableServices: [s], "
    "reachableBackends: {refs: [{kind: MeshService, name: n, namespace: s, port: 1}, {kind: MeshService, "
    "labels: {a: b}}]}}}}\n---\n"
    "{type: Dataplane, name: d, networking: {address: 10.0.0.1, gateway: {type: BUILTIN, tags: "
    "{kuma.io/service: s}}}}\n---\n"
    "{type: Mesh, name: m, meshServices: {mode: Exclusive}}\n---\n"
    "{type: ZoneIngress, name: z, zone: z, availableServices: [{mesh: m, tags: {kuma.io/service: s}}]}\n---\n"
    "{type: ExternalService, name: e, tags: {kuma.io/service: s}, networking: {address: 'a:1', "
    "disableHostDNSEntry: true}}\n---\n"
    "{type: VirtualOutbound, name: v, selectors: [{match: {a: b}}], conf: {host: '{{.s}}', port: '{{.s}}', "
    "parameters: [{name: s, tagKey: kuma.io/service}]}}\n---\n"
    "{type: MeshGateway, name: g, selectors: [{match: {a: b}}], conf: {listeners: [{hostname: a, port: 1, "
    "crossMesh: true}]}}\n---\n"
    "{type: MeshService, name: s, spec: {ports: [{port: 1, name: a}]}, status: {vips: [{ip: 241.0.0.1}], "
    "addresses: [{hostname: a}]}}\n---\n"
    "{type: MeshExternalService, name: s, spec: {match: {type: HostnameGenerator, port: 1}}, status: {vip: "
    "{ip: 242.0.0.1}, addresses: [{hostname: a}]}}\n---\n"
    "{type: MeshMultiZoneService, name: s, spec: {selector: {meshService: {matchLabels: {a: b}}}, ports: "
    "[{port: 1, name: a}]}, status: {vips: [{ip: 243.0.0.1}], addresses: [{hostname: a}]}}\n---\n"
    "{type: HostnameGenerator, name: g, spec: {selector: {meshService: {matchLabels: {a: b}}}, template: "
    "a}}\n"
    "---\n"
    "{apiVersion: kuma.io/v1alpha1, kind: ExternalService, mesh: m, metadata: {name: e, creationTimestamp: "
    "2025-03-04T05:06:07Z, labels: {a: b}}, spec: {tags: {kuma.io/service: s}, networking: {address: "
    "'a:1'}}}\n"
    "---\n"
    "{apiVersion: kuma.io/v1alpha1, kind: MeshService, metadata: {name: e, namespace: n, labels: "
    "{kuma.io/mesh: b}}}\n---\n"
    "{type: Config, name: kuma-a-dns-vips, config: '{}'}\n---\n"
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: kuma-a-dns-vips}, data: {config: '{}'}}\n---\n"
    "{items: [{type: Mesh, name: m}]}\n";

std::vector<YamlNode> documents(std::string_view yaml) {
  std::vector<YamlNode> result;
  text::read_yaml(yaml, {}, {.on_item = {}, .on_document = [&](const YamlNode& document) {
                               result.push_back(document);
                             }});
  return result;
}

void collect(YamlNode& node, std::vector<YamlNode*>& nodes) {
  nodes.push_back(&node);
  for (YamlNode& child : node.children) {
    collect(child, nodes);
  }
}

YamlNode value(YamlNode::Kind kind, std::string text = "", bool quoted = false) {
  YamlNode node;
  node.kind = kind;
  node.text = std::move(text);
  node.quoted = quoted;
  return node;
}

enum class Outcome : std::uint8_t { Read, Refused };

Outcome try_to_read(const YamlNode& document) {
  ResourceSet resources;
  try {
    read_resource(document, resources);
    return Outcome::Read;
  } catch (const text::YamlFault& fault) {
    EXPECT_NE(fault.what, "");
    return Outcome::Refused;
  }
}

// What becomes of every document when each of its nodes in turn is `replacement`.
std::size_t count_refused(const YamlNode& replacement, YamlNode::Kind of_kind) {
  std::size_t refused = 0;
  std::size_t tried = 0;
  for (YamlNode& document : documents(kEverything)) {
    std::vector<YamlNode*> nodes;
    collect(document, nodes);
    for (YamlNode* node : nodes) {
      if (node == &document || node->kind != of_kind) {
        continue;
      }
      YamlNode saved = replacement;
      saved.key = node->key;
      saved.at = node->at;
      std::swap(*node, saved);  // the children stay where they are
      ++tried;
      if (try_to_read(document) == Outcome::Refused) {
        ++refused;
      } else {
        ADD_FAILURE_AT(__FILE__, __LINE__) << "a " << static_cast<int>(replacement.kind) << " is read as "
                                           << saved.key << " at column " << saved.at.column;
      }
      std::swap(*node, saved);
    }
  }
  EXPECT_GT(tried, 10U);
  return refused;
}

TEST(JunkInResources, IsReadWhereNothingIsWrong) {
  for (const YamlNode& document : documents(kEverything)) {
    EXPECT_EQ(try_to_read(document), Outcome::Read) << document.children.at(0).text << document.at.line;
  }
}

TEST(JunkInResources, IsRefusedWhereItHasTheWrongType) {
  using Kind = YamlNode::Kind;
  YamlNode list = value(Kind::List);
  list.children.push_back(value(Kind::List));
  YamlNode map = value(Kind::Map);
  map.children.push_back(value(Kind::List));
  map.children.back().key = "key";
  count_refused(list, Kind::Scalar);
  count_refused(map, Kind::Scalar);
  count_refused(value(Kind::Scalar, "text"), Kind::List);
  count_refused(map, Kind::List);
  count_refused(value(Kind::Scalar, "text"), Kind::Map);
  count_refused(list, Kind::Map);
  count_refused(list, Kind::List);
}

TEST(JunkInResources, NeverDoesHarm) {
  std::vector<YamlNode> replacements;
  replacements.push_back(value(YamlNode::Kind::Nothing));
  replacements.push_back(value(YamlNode::Kind::List));
  replacements.push_back(value(YamlNode::Kind::Map));
  for (const std::string& text :
       {std::string(), std::string("0"), std::string("-1"), std::string("true"),
        std::string("99999999999999999999"), std::string("\xff\x00\x01\x7f", 4), std::string("{{"),
        std::string("}}{{"), std::string(100'000, 'x'), std::string(":"), std::string("["),
        std::string("[]:"), std::string("."), std::string("kuma--dns-vips"), std::string("kuma-dns-vips"),
        std::string("items")}) {
    replacements.push_back(value(YamlNode::Kind::Scalar, text));
    replacements.push_back(value(YamlNode::Kind::Scalar, text, true));
  }
  std::size_t tried = 0;
  for (YamlNode& document : documents(kEverything)) {
    std::vector<YamlNode*> nodes;
    collect(document, nodes);
    for (YamlNode* node : nodes) {
      for (const YamlNode& replacement : replacements) {
        YamlNode saved = replacement;
        saved.key = node->key;
        std::swap(*node, saved);
        try_to_read(document);
        ++tried;
        std::swap(*node, saved);
      }
      const std::string key = std::exchange(node->key, "\x01junk");
      try_to_read(document);
      node->key = key;
    }
  }
  EXPECT_GT(tried, 1000U);
}

}  // namespace
}  // namespace meshdns::kuma
