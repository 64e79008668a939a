#include "redirect/firewalld.hpp"

#include <cstdio>
#include <filesystem>
#include <map>
#include <ranges>
#include <sstream>

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "redirect/backend/iptables_rules.hpp"
#include "redirect/host/files.hpp"
#include "redirect/plan/iptables_plan.hpp"
#include "redirect/plan/iptables_text.hpp"

namespace meshdns::redirect {
namespace {

namespace pt = boost::property_tree;

constexpr unsigned kMode = 0600;

std::string path_in(const std::string& folder) {
  return folder + "/direct.xml";
}

Result<pt::ptree> read(const std::string& path) {
  pt::ptree document;
  if (!std::filesystem::exists(path)) {
    document.add_child("direct", {});
    return document;
  }
  const Result<std::string> text = read_file(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  try {
    std::istringstream stream(*text);
    pt::read_xml(stream, document, pt::xml_parser::trim_whitespace);
  } catch (const pt::xml_parser_error& error) {
    return fail(Errc::FileUnreadable, fmt::format("{}:{}: {}", path, error.line(), error.message()));
  }
  if (!document.get_child_optional("direct")) {
    return fail(Errc::FileUnreadable, fmt::format("{}: has no element <direct>", path));
  }
  return document;
}

Result<void> write(const std::string& path, const pt::ptree& document) {
  std::ostringstream text;
  pt::write_xml(text, document, pt::xml_writer_make_settings<std::string>(' ', 2));
  return write_file(path, text.str(), kMode);
}

// Chains of a mesh, and rules that stand in one, lead to one or carry our mark.
bool is_ours(const pt::ptree::value_type& element) {
  if (element.first != "chain" && element.first != "rule") {
    return false;
  }
  const std::string mark = std::string(kKumaCommentPrefix) + std::string(kCommentMark);
  const auto chain = element.second.get<std::string>("<xmlattr>.chain", "");
  return chain.starts_with(kKumaChainPrefix) || element.second.data().contains(mark) ||
         element.second.data().contains(fmt::format("-j {}", kKumaChainPrefix));
}

// Returns whether there were some.
bool take_out(pt::ptree& direct) {
  bool found = false;
  for (auto element = direct.begin(); element != direct.end();) {
    if (is_ours(*element)) {
      element = direct.erase(element);
      found = true;
    } else {
      ++element;
    }
  }
  return found;
}

void add_chain(pt::ptree& direct, const std::string& ipv, const IptablesRules::Chain& chain) {
  pt::ptree element;
  element.put("<xmlattr>.ipv", ipv);
  element.put("<xmlattr>.table", chain.table);
  element.put("<xmlattr>.chain", chain.name);
  direct.add_child("chain", element);
}

void add_rules(pt::ptree& direct, const std::string& ipv, const std::string& text) {
  const IptablesRules rules = parse_iptables(text);
  for (const IptablesRules::Chain& chain : rules.chains) {
    add_chain(direct, ipv, chain);
  }
  // firewalld puts rules in the order of their priorities.
  std::map<std::string, int> priorities;
  for (const IptablesRule& rule : in_order(rules.rules)) {
    pt::ptree element(rule.spec);
    element.put("<xmlattr>.ipv", ipv);
    element.put("<xmlattr>.table", rule.table);
    element.put("<xmlattr>.chain", rule.chain);
    element.put("<xmlattr>.priority", priorities[rule.table + ' ' + rule.chain]++);
    direct.add_child("rule", element);
  }
}

}  // namespace

Result<void> store_in_firewalld(const std::string& folder, const std::string& ipv4, const std::string& ipv6) {
  if (!std::filesystem::is_directory(folder)) {
    return fail(Errc::FileUnreadable, fmt::format("{}: is not a folder: firewalld is not installed", folder));
  }
  const std::string path = path_in(folder);
  Result<pt::ptree> document = read(path);
  if (!document) {
    return std::unexpected(document.error());
  }
  pt::ptree& direct = document->get_child("direct");
  take_out(direct);
  add_rules(direct, "ipv4", ipv4);
  add_rules(direct, "ipv6", ipv6);
  return write(path, *document);
}

Result<void> remove_from_firewalld(const std::string& folder) {
  const std::string path = path_in(folder);
  if (!std::filesystem::exists(path)) {
    return {};
  }
  Result<pt::ptree> document = read(path);
  if (!document) {
    return std::unexpected(document.error());
  }
  pt::ptree& direct = document->get_child("direct");
  if (!take_out(direct)) {
    return {};
  }
  if (direct.empty()) {
    unlink(path.c_str());
    return {};
  }
  return write(path, *document);
}

std::optional<std::string> firewalld_ipv6_trap(const std::string& folder) {
  const Result<std::string> text = read_file(folder + "/firewalld.conf");
  for (const auto part : std::views::split(text.value_or(""), '\n')) {
    if (const std::string line(part.begin(), part.end()); line == "RFC3964_IPv4=no") {
      return std::nullopt;
    }
  }
  return fmt::format(
      "firewalld rejects IPv6 packets that are redirected to ::1: set RFC3964_IPv4=no in {}/firewalld.conf "
      "and restart "
      "it",
      folder);
}

}  // namespace meshdns::redirect
