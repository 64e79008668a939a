// hosts: A, AAAA and PTR from a hosts file and from lines of the configuration.
#pragma once

#include <vector>

#include <meshdns/answer_options.hpp>
#include <meshdns/result.hpp>

#include "dns/plugin/hosts_table.hpp"
#include "dns/plugin/source.hpp"

namespace meshdns::plugin {

class Hosts final : public Source {
 public:
  // Reads the file. Errors: FileUnreadable; that the default file is not there is none.
  static Result<Hosts> read(const HostsOptions& options, const std::vector<DomainName>& block_zones);

  Verdict answer(const wire::QueryView& query, const Client& client,
                 wire::ResponseWriter& out) const override;
  std::string_view name() const override { return "hosts"; }

 private:
  Hosts(HostsOptions options, HostsTable table) : options_(std::move(options)), table_(std::move(table)) {}

  Verdict answer_reverse(const wire::QueryView& query, wire::ResponseWriter& out) const;

  HostsOptions options_;  // its zones are those in force
  HostsTable table_;
};

}  // namespace meshdns::plugin
