// answer_policy_of(): what the options of a mesh zone say of its answers, with the search list of a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <meshdns/domain_name.hpp>
#include <meshdns/options.hpp>

#include "dns/answer/compile_answers.hpp"

namespace meshdns::server {

struct PolicyAndWarnings {
  answer::AnswerPolicy policy;
  std::vector<std::string> warnings;
};

// A file that cannot be read, or has no list, is a warning: then nothing is known of its suffixes.
PolicyAndWarnings answer_policy_of(const MeshOptions& mesh);

// The suffixes of the last `search` or `domain` line of a resolv.conf. What is no name is passed over, and so
// is a suffix that names of the mesh behind it must not be taken for: `svc.cluster.local` makes
// `backend.mesh` the service `backend` of the Kubernetes namespace `mesh`.
std::vector<DomainName> parse_search_list(std::string_view text);

}  // namespace meshdns::server
