// Resources as they are read from text that a test writes.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "zones/kuma/resource_reader.hpp"
#include "zones/text/yaml_file.hpp"

namespace meshdns::kuma {

// Throws text::YamlFault.
inline ResourceSet read_or_throw(std::string_view yaml) {
  static constexpr std::array<std::string_view, 1> kStreamed{"items"};
  ResourceSet resources;
  text::read_yaml(
      yaml, kStreamed,
      {.on_item = [&](std::string_view, const text::YamlNode& item) { read_resource(item, resources); },
       .on_document =
           [&](const text::YamlNode& document) {
             if (!is_resource(document)) {
               throw text::YamlFault{document.at, "no resource"};
             }
             read_resource(document, resources);
           }});
  return resources;
}

// `line:column: what`
inline std::string fault_of(std::string_view yaml) {
  try {
    static_cast<void>(read_or_throw(yaml));
  } catch (const text::YamlFault& fault) {
    return fmt::format("{}:{}: {}", fault.at.line, fault.at.column, fault.what);
  }
  return "no fault";
}

inline ResourceSet read(std::string_view yaml) {
  EXPECT_EQ(fault_of(yaml), "no fault");
  try {
    return read_or_throw(yaml);
  } catch (const text::YamlFault&) {
    return {};
  }
}

}  // namespace meshdns::kuma
