// file: answers for zones of a master file.
#pragma once

#include <vector>

#include <meshdns/answer_options.hpp>
#include <meshdns/result.hpp>

#include "dns/plugin/master_zone.hpp"
#include "dns/plugin/source.hpp"

namespace meshdns::plugin {

class ZoneFile final : public Source {
 public:
  // Reads the file. Errors: as read_master_file().
  static Result<ZoneFile> read(const FileOptions& options, const std::vector<DomainName>& block_zones);

  Verdict answer(const wire::QueryView& query, const Client& client,
                 wire::ResponseWriter& out) const override;
  std::string_view name() const override { return "file"; }

 private:
  ZoneFile(std::vector<DomainName> fallthrough, std::vector<MasterZone> zones)
      : fallthrough_(std::move(fallthrough)), zones_(std::move(zones)) {}

  std::vector<DomainName> fallthrough_;
  std::vector<MasterZone> zones_;  // the longest name first
};

}  // namespace meshdns::plugin
