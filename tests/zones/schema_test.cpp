// The schema for editors and the reader must say the same.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "zones/plain_records.hpp"
#include "zones/text/yaml_file.hpp"

namespace meshdns::zones {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

class Schema : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(MESHDNS_ZONES_DIR "/schema/mesh-zone.schema.json");
    const std::string json(std::istreambuf_iterator<char>(file), {});
    text::read_yaml(json, {}, {.on_item = {}, .on_document = [this](const text::YamlNode& document) {
                                 root_ = document;
                               }});
  }

  static const text::YamlNode& at(const text::YamlNode& start, const std::vector<std::string_view>& path) {
    const text::YamlNode* node = &start;
    for (const std::string_view key : path) {
      node = node->find(key);
      if (node == nullptr) {
        throw std::runtime_error("the schema has no " + std::string(key));
      }
    }
    return *node;
  }

  static std::vector<std::string> keys(const text::YamlNode& map) {
    std::vector<std::string> result;
    std::ranges::transform(map.children, std::back_inserter(result), &text::YamlNode::key);
    return result;
  }

  static std::vector<std::string> texts(const text::YamlNode& list) {
    std::vector<std::string> result;
    std::ranges::transform(list.children, std::back_inserter(result), &text::YamlNode::text);
    return result;
  }

  text::YamlNode root_;
};

TEST_F(Schema, HasTheKeysOfTheReader) {
  EXPECT_THAT(keys(at(root_, {"$defs", "plainRecords", "properties"})),
              UnorderedElementsAreArray(kDocumentKeys));
  EXPECT_THAT(keys(at(root_, {"$defs", "record", "properties"})), UnorderedElementsAreArray(kRecordKeys));
  EXPECT_THAT(keys(at(root_, {"$defs", "port", "properties"})), UnorderedElementsAreArray(kPortKeys));
}

TEST_F(Schema, AllowsNoOtherKey) {
  EXPECT_EQ(at(root_, {"$defs", "plainRecords", "additionalProperties"}).text, "false");
  EXPECT_EQ(at(root_, {"$defs", "record", "additionalProperties"}).text, "false");
  EXPECT_EQ(at(root_, {"$defs", "port", "additionalProperties"}).text, "false");
}

TEST_F(Schema, RequiresWhatTheReaderRequires) {
  EXPECT_THAT(texts(at(root_, {"$defs", "plainRecords", "required"})), ElementsAre("records"));
  EXPECT_THAT(texts(at(root_, {"$defs", "record", "required"})), ElementsAre("name", "ips"));
  EXPECT_THAT(texts(at(root_, {"$defs", "port", "required"})), ElementsAre("port"));
}

TEST_F(Schema, HasTheRangesOfTheReader) {
  EXPECT_EQ(at(root_, {"$defs", "ttl", "minimum"}).text, "1");
  EXPECT_EQ(at(root_, {"$defs", "ttl", "maximum"}).text, std::to_string(kMaxTtlSeconds));
  EXPECT_EQ(at(root_, {"$defs", "portNumber", "minimum"}).text, "1");
  EXPECT_EQ(at(root_, {"$defs", "portNumber", "maximum"}).text, "65535");
  EXPECT_THAT(texts(at(root_, {"$defs", "port", "properties", "protocol", "enum"})),
              UnorderedElementsAreArray(kProtocols));
  EXPECT_THAT(texts(at(root_, {"$defs", "record", "properties", "mode", "enum"})),
              UnorderedElementsAreArray(kModes));
}

TEST_F(Schema, DescribesEveryKindInBothForms) {
  std::vector<std::string> universal;
  for (const text::YamlNode& branch : at(root_, {"$defs", "universal", "allOf"}).children) {
    universal.push_back(at(branch, {"if", "properties", "type", "const"}).text);
  }
  std::vector<std::string> kubernetes;
  for (const text::YamlNode& branch : at(root_, {"$defs", "kubernetes", "then", "allOf"}).children) {
    kubernetes.push_back(at(branch, {"if", "properties", "kind", "const"}).text);
    EXPECT_NO_THROW(at(root_, {"$defs", kubernetes.back()}));
  }
  EXPECT_THAT(kubernetes, ElementsAre("Mesh", "Dataplane", "ZoneIngress", "ExternalService",
                                      "VirtualOutbound", "MeshGateway", "MeshService", "MeshExternalService",
                                      "MeshMultiZoneService", "HostnameGenerator"));
  kubernetes.emplace_back("Config");
  EXPECT_EQ(universal, kubernetes);
}

}  // namespace
}  // namespace meshdns::zones
