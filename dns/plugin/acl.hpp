// acl: which clients get answers to what.
#pragma once

#include <cstddef>
#include <vector>

#include <meshdns/rewriting_options.hpp>

#include "dns/plugin/source.hpp"

namespace meshdns::plugin {

// All `acl` of a block: one that allows a query is the last that sees it.
class Acl final : public Source {
 public:
  // `zones` are those of the server block.
  Acl(const std::vector<AclOptions>& lists, const std::vector<DomainName>& zones);

  Verdict answer(const wire::QueryView& query, const Client& client,
                 wire::ResponseWriter& out) const override;
  std::string_view name() const override { return "acl"; }
  std::vector<Tally> tallies() const override;

 private:
  struct Ruling {
    AclRule::Action action = AclRule::Action::Allow;
    std::size_t tally = 0;  // index into tallies()
  };

  Ruling rule_on(const wire::QueryView& query, const IpAddress& client) const;

  std::vector<AclOptions> lists_;
};

}  // namespace meshdns::plugin
