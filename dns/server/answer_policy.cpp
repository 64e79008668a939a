#include "dns/server/answer_policy.hpp"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "dns/plugin/read_file.hpp"

namespace meshdns::server {

PolicyAndWarnings answer_policy_of(const MeshOptions& mesh) {
  PolicyAndWarnings made;
  made.policy.ent_nxdomain = mesh.ent_nxdomain;
  if (!mesh.search) {
    return made;
  }
  const SearchOptions& search = *mesh.search;
  made.policy.search = {search.answer == SearchOptions::Answer::Cname, search.suffixes};
  if (search.resolv_conf.empty()) {
    return made;
  }
  const auto text = plugin::read_file(search.resolv_conf);
  auto listed = text ? parse_search_list(*text) : std::vector<DomainName>();
  if (!text) {
    made.warnings.push_back(fmt::format("search: {}", text.error().what));
  } else if (listed.empty()) {
    made.warnings.push_back(fmt::format("search: {} lists no suffix that counts", search.resolv_conf));
  }
  std::ranges::move(listed, std::back_inserter(made.policy.search.suffixes));
  return made;
}

std::vector<DomainName> parse_search_list(std::string_view text) {
  std::vector<DomainName> suffixes;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word != "search" && word != "domain") {
      continue;
    }
    suffixes.clear();
    while (words >> word) {
      const auto suffix = DomainName::parse(word);
      if (suffix && !suffix->is_root() && !suffix->to_string().starts_with("svc.")) {
        suffixes.push_back(*suffix);
      }
    }
  }
  return suffixes;
}

}  // namespace meshdns::server
