#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "zones/kuma/dns_name.hpp"
#include "zones/kuma/read_kinds.hpp"
#include "zones/kuma/read_tags.hpp"
#include "zones/kuma/read_template.hpp"
#include "zones/kuma/virtual_outbound_match.hpp"
#include "zones/text/messages.hpp"

namespace meshdns::kuma {
namespace {

bool is_parameter_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

bool is_port(std::string_view text) {
  return parse_port(text).has_value();
}

std::vector<VirtualOutbound::Parameter> read_parameters(const Field& field) {
  std::vector<VirtualOutbound::Parameter> parameters;
  bool has_service = false;
  for (const Field& item : field.items()) {
    const Field name = item["name"];
    const Field tag_key = item["tagKey"];
    VirtualOutbound::Parameter parameter{.name = name.text(), .tag = tag_key.text()};
    if (!is_parameter_name(parameter.name)) {
      name.refuse("letters and digits");
    }
    if (std::ranges::find(parameters, parameter.name, &VirtualOutbound::Parameter::name) !=
        parameters.end()) {
      name.fault(fmt::format("{} again, expected another name", text::quote(parameter.name)));
    }
    has_service = has_service || parameter.tag == kServiceTag;
    if (parameter.tag.empty()) {
      parameter.tag = parameter.name;
    }
    if (!is_tag_name(parameter.tag)) {
      tag_key.refuse("a tag name: letters, digits or any of .-_:/");
    }
    parameters.push_back(std::move(parameter));
  }
  if (!has_service) {
    field.fault("no parameter with 'tagKey: kuma.io/service', expected one");
  }
  return parameters;
}

// Reads a template and tries it with `value` for every parameter.
templates::GoTemplate read_tried_template(const Field& field,
                                          const std::vector<VirtualOutbound::Parameter>& parameters,
                                          std::string_view value, bool (*is_valid)(std::string_view),
                                          std::string_view expected) {
  templates::GoTemplate parsed = read_template(field, {});
  const auto sample = parsed.render(
      {.field =
           [&](std::string_view name) {
             const bool is_known =
                 std::ranges::find(parameters, name, &VirtualOutbound::Parameter::name) != parameters.end();
             return is_known ? std::optional(value) : std::nullopt;
           },
       .label = {}});
  if (!sample) {
    field.fault(fmt::format("{}, if every parameter is '{}'", sample.error(), value));
  }
  if (!is_valid(*sample)) {
    field.fault(fmt::format("gives {} if every parameter is '{}', expected {}", text::quote(*sample), value,
                            expected));
  }
  return parsed;
}

}  // namespace

VirtualOutbound read_virtual_outbound(Meta meta, const Field& content) {
  VirtualOutbound policy{.meta = std::move(meta)};
  policy.selectors = read_selectors(content["selectors"]);
  const Field conf = content["conf"];
  conf.require("a map with 'host', 'port' and 'parameters'");
  policy.parameters = read_parameters(conf["parameters"]);
  policy.host = read_tried_template(conf["host"], policy.parameters, "dummy", is_dns_name, "a DNS name");
  policy.port =
      read_tried_template(conf["port"], policy.parameters, "1", is_port, "a whole number from 1 to 65535");
  return policy;
}

}  // namespace meshdns::kuma
