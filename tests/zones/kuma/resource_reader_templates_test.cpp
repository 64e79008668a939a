// VirtualOutbounds and HostnameGenerators: Kuma's accept and reject rules, with places inside templates.
#include <string>

#include <gtest/gtest.h>

#include "tests/zones/kuma/read_resources.hpp"

namespace meshdns::kuma {
namespace {

constexpr std::string_view kSelectors = "[{match: {kuma.io/service: '*'}}]";
constexpr std::string_view kParameters = "[{name: s, tagKey: kuma.io/service}, {name: color}]";

// Without the position.
std::string what(const std::string& fault) {
  const std::size_t end = fault.find(": ");
  return end == std::string::npos ? fault : fault.substr(end + 2);
}

std::string selectors_fault(std::string_view selectors) {
  return what(fault_of(fmt::format(
      "type: VirtualOutbound\nname: v\nselectors: {}\nconf: {{host: a.b, port: '80', parameters: {}}}\n",
      selectors, kParameters)));
}

std::string conf_fault(std::string_view conf) {
  return what(
      fault_of(fmt::format("type: VirtualOutbound\nname: v\nselectors: {}\nconf: {}\n", kSelectors, conf)));
}

std::string parameters_fault(std::string_view parameters) {
  return conf_fault(fmt::format("{{host: a.b, port: '80', parameters: {}}}", parameters));
}

std::string host_fault(std::string_view host) {
  return conf_fault(fmt::format("{{port: '80', parameters: {}, host: {}}}", kParameters, host));
}

std::string port_fault(std::string_view port) {
  return conf_fault(fmt::format("{{host: a.b, parameters: {}, port: {}}}", kParameters, port));
}

TEST(VirtualOutboundSelectors, NeedATagWithAValue) {
  EXPECT_EQ(selectors_fault("[{match: {a.b-c_d:e/f: x/y}}, {match: {color: '*'}}]"), "no fault");
  EXPECT_EQ(selectors_fault("[]"), "selectors is a list, expected at least one selector");
  EXPECT_EQ(selectors_fault(""), "selectors is empty, expected at least one selector");
  EXPECT_EQ(selectors_fault("[{}]"), "selectors[0].match is missing, expected at least one tag");
  EXPECT_EQ(selectors_fault("[{match: {}}]"), "selectors[0].match: no tag, expected at least one");
  EXPECT_EQ(selectors_fault("[{match: {a: b}}, {match: {}}]"),
            "selectors[1].match: no tag, expected at least one");
  EXPECT_EQ(selectors_fault("[{match: [a]}]"), "selectors[0].match is a list, expected a map");
  EXPECT_EQ(selectors_fault("[a]"), "selectors[0] is 'a', expected a map");
  EXPECT_EQ(selectors_fault("{match: {a: b}}"), "selectors is a map, expected a list");
  EXPECT_EQ(selectors_fault("[{match: {a: ''}}]"),
            "selectors[0].match.a is '', expected '*', or letters, digits or any of .-_:/");
  EXPECT_EQ(selectors_fault("[{match: {a: 'b*'}}]"),
            "selectors[0].match.a is 'b*', expected '*', or letters, digits or any of .-_:/");
  EXPECT_EQ(selectors_fault("[{match: {a: 1}}]"), "selectors[0].match.a is 1, expected text (in quotes)");
  EXPECT_EQ(selectors_fault("[{match: {'a b': c}}]"),
            "selectors[0].match[\"a b\"]: invalid tag name, expected letters, digits or any of .-_:/");
  EXPECT_EQ(selectors_fault("[{match: {'': c}}]"),
            "selectors[0].match[\"\"]: invalid tag name, expected letters, digits or any of .-_:/");
  EXPECT_EQ(selectors_fault("[{match: {'*': c}}]"),
            "selectors[0].match[\"*\"]: invalid tag name, expected letters, digits or any of .-_:/");
}

TEST(VirtualOutboundParameters, HaveAlphanumericNamesAndTheServiceAmongTheirTags) {
  EXPECT_EQ(parameters_fault("[{name: s1S, tagKey: kuma.io/service}]"), "no fault");
  EXPECT_EQ(parameters_fault("[{name: s, tag_key: kuma.io/service}, {name: t, tagKey: null}]"), "no fault");
  EXPECT_EQ(parameters_fault("[]"),
            "conf.parameters: no parameter with 'tagKey: kuma.io/service', expected one");
  EXPECT_EQ(parameters_fault("[{name: service}]"),
            "conf.parameters: no parameter with 'tagKey: kuma.io/service', expected one");
  EXPECT_EQ(parameters_fault("[{name: kuma.io/service}]"),
            "conf.parameters[0].name is 'kuma.io/service', expected letters and digits");
  EXPECT_EQ(parameters_fault("[{tagKey: kuma.io/service}]"),
            "conf.parameters[0].name is missing, expected letters and digits");
  EXPECT_EQ(parameters_fault("[{name: '', tagKey: kuma.io/service}]"),
            "conf.parameters[0].name is '', expected letters and digits");
  EXPECT_EQ(parameters_fault("[{name: a_b, tagKey: kuma.io/service}]"),
            "conf.parameters[0].name is 'a_b', expected letters and digits");
  EXPECT_EQ(parameters_fault("[{name: a, tagKey: kuma.io/service}, {name: a, tagKey: b}]"),
            "conf.parameters[1].name: 'a' again, expected another name");
  EXPECT_EQ(parameters_fault("[{name: a, tagKey: kuma.io/service}, {name: b, tagKey: 'c d'}]"),
            "conf.parameters[1].tagKey is 'c d', expected a tag name: letters, digits or any of .-_:/");
  EXPECT_EQ(parameters_fault("{a: kuma.io/service}"), "conf.parameters is a map, expected a list");
  EXPECT_EQ(parameters_fault("[a]"), "conf.parameters[0] is 'a', expected a map");
}

TEST(VirtualOutboundConf, MustBeThere) {
  EXPECT_EQ(conf_fault(""), "conf is empty, expected a map with 'host', 'port' and 'parameters'");
  EXPECT_EQ(conf_fault("[]"), "conf is a list, expected a map");
  EXPECT_EQ(what(fault_of("{type: VirtualOutbound, name: v, selectors: [{match: {a: b}}]}")),
            "conf is missing, expected a map with 'host', 'port' and 'parameters'");
}

TEST(VirtualOutboundHost, IsTriedWithDummies) {
  for (const char* const host :
       {"'{{.s}}.shop'", "fixed.shop", "'{{if .color}}{{.s}}{{else}}b c{{end}}'", "'{{.s}}.'", "A_b"}) {
    EXPECT_EQ(host_fault(host), "no fault") << host;
  }
  EXPECT_EQ(host_fault("''"), "conf.host is '', expected a template");
  EXPECT_EQ(host_fault(""), "conf.host is empty, expected a template");
  EXPECT_EQ(host_fault("[a]"), "conf.host is a list, expected a template");
  EXPECT_EQ(host_fault("'{{.s}} .shop'"),
            "conf.host: gives 'dummy .shop' if every parameter is 'dummy', expected a DNS name");
  EXPECT_EQ(host_fault("'{{.unknown}}.shop'"),
            "conf.host: gives '<no value>.shop' if every parameter is 'dummy', expected a DNS name");
  EXPECT_EQ(host_fault("10.0.0.1"),
            "conf.host: gives '10.0.0.1' if every parameter is 'dummy', expected a DNS name");
}

TEST(VirtualOutboundPort, IsTriedWithOnes) {
  for (const char* const port :
       {"'{{.color}}'", "'8080'", "'{{.color}}0'", "'{{if .none}}x{{else}}80{{end}}'"}) {
    EXPECT_EQ(port_fault(port), "no fault") << port;
  }
  EXPECT_EQ(port_fault("8080"), "conf.port is 8080, expected a template (in quotes)");
  EXPECT_EQ(port_fault("''"), "conf.port is '', expected a template");
  EXPECT_EQ(port_fault("http"),
            "conf.port: gives 'http' if every parameter is '1', expected a whole number from 1 to 65535");
  EXPECT_EQ(
      port_fault("'{{.unknown}}'"),
      "conf.port: gives '<no value>' if every parameter is '1', expected a whole number from 1 to 65535");
  EXPECT_EQ(port_fault("'0'"),
            "conf.port: gives '0' if every parameter is '1', expected a whole number from 1 to 65535");
  EXPECT_EQ(port_fault("'{{.s}}00000'"),
            "conf.port: gives '100000' if every parameter is '1', expected a whole number from 1 to 65535");
  EXPECT_EQ(port_fault("'{{.s}} '"),
            "conf.port: gives '1 ' if every parameter is '1', expected a whole number from 1 to 65535");
}

TEST(TemplateOfResource, IsRefusedWhereItIsWrong) {
  constexpr std::string_view kHead =
      "type: VirtualOutbound\nname: v\nselectors: [{match: {a: b}}]\nconf:\n"
      "  parameters: [{name: s, tagKey: kuma.io/service}]\n  port: '80'\n";
  const auto place = [&](std::string_view host) {
    const std::string fault = fault_of(std::string(kHead) + std::string(host));
    EXPECT_NE(fault.find(": conf.host: "), std::string::npos) << fault;
    return fault.substr(0, fault.find(": "));
  };
  EXPECT_EQ(place("  host: abc.{{html}}"), "7:15");
  EXPECT_EQ(place("  host: 'abc.{{html}}'"), "7:16");
  EXPECT_EQ(place("  host: \"abc.{{html}}\""), "7:16");
  EXPECT_EQ(place("  host: |\n    abc.{{html}}\n"), "7:9");
}

std::string generator_fault(std::string_view spec) {
  return what(fault_of(fmt::format("{{type: HostnameGenerator, name: g, spec: {}}}", spec)));
}

TEST(HostnameGeneratorSpec, HasExactlyOneSelector) {
  constexpr const char* kOne =
      "spec.selector: expected exactly one of: meshService, meshExternalService, meshMultiZoneService";
  EXPECT_EQ(generator_fault("{template: a, selector: {meshService: {}}}"), "no fault");
  EXPECT_EQ(generator_fault("{template: a, selector: {}}"), kOne);
  EXPECT_EQ(generator_fault("{template: a}"), kOne);
  EXPECT_EQ(generator_fault("{template: a, selector: {meshService: null}}"), kOne);
  EXPECT_EQ(generator_fault("{template: a, selector: {meshService: {}, meshExternalService: {}}}"), kOne);
  EXPECT_EQ(generator_fault("{template: a, selector: []}"), "spec.selector is a list, expected a map");
  EXPECT_EQ(generator_fault("{template: a, selector: {meshService: a}}"),
            "spec.selector.meshService is 'a', expected a map");
  EXPECT_EQ(generator_fault("{template: a, selector: {meshService: {matchLabels: {a: 1}}}}"),
            "spec.selector.meshService.matchLabels.a is 1, expected text (in quotes)");
  EXPECT_EQ(generator_fault("[]"), "spec is a list, expected a map");
}

TEST(HostnameGeneratorSpec, HasATemplateOfKnownFields) {
  const auto fault = [](std::string_view text) {
    return generator_fault(fmt::format("{{selector: {{meshService: {{}}}}, template: {}}}", text));
  };
  EXPECT_EQ(
      fault("'{{ .Name }}.{{ .DisplayName }}.{{ .Namespace }}.{{ .Mesh }}.{{ .Zone }}.{{ label \"a\" }}'"),
      "no fault");
  EXPECT_EQ(fault("''"), "spec.template is '', expected a template");
  EXPECT_EQ(fault(""), "spec.template is empty, expected a template");
  EXPECT_EQ(fault("5"), "spec.template is 5, expected a template (in quotes)");
  EXPECT_EQ(fault("'{{ .Port }}'").substr(0, 15), "spec.template: ");
  EXPECT_EQ(fault("'{{ .name }}'").substr(0, 15), "spec.template: ");
  EXPECT_EQ(fault("'{{ .Name'").substr(0, 15), "spec.template: ");
  EXPECT_EQ(fault("'{{ range .Name }}{{ end }}'").substr(0, 15), "spec.template: ");
}

TEST(VirtualOutboundHost, HasNoLabels) {
  EXPECT_EQ(host_fault("'{{ label \"a\" }}'").substr(0, 11), "conf.host: ");
}

}  // namespace
}  // namespace meshdns::kuma
