// hosts: A, AAAA and PTR from a hosts file and from lines of the configuration.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <meshdns/answer_options.hpp>
#include <meshdns/result.hpp>
#include <meshdns/traffic_status.hpp>

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
  Written written(const wire::QueryView& query) const override;
  HostsStatus status() const;

 private:
  using Time = std::chrono::system_clock::time_point;

  Hosts(HostsOptions options, HostsTable table, std::optional<Time> modified)
      : options_(std::move(options)), table_(std::move(table)), modified_(modified) {}

  Verdict answer_reverse(const wire::QueryView& query, wire::ResponseWriter& out) const;

  Time read_ = std::chrono::system_clock::now();
  HostsOptions options_;  // its zones are those in force
  HostsTable table_;
  std::optional<Time> modified_;  // none: there is no file
};

}  // namespace meshdns::plugin
