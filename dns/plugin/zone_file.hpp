// file: answers for zones of a master file.
#pragma once

#include <chrono>
#include <string>
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
  Written written(const wire::QueryView& query) const override;

 private:
  ZoneFile(std::string path, std::vector<DomainName> fallthrough, std::vector<MasterZone> zones)
      : path_(std::move(path)), fallthrough_(std::move(fallthrough)), zones_(std::move(zones)) {}

  const MasterZone* zone_of_name(const DomainName& qname) const;  // null: none has it

  std::string path_;
  std::chrono::system_clock::time_point read_ = std::chrono::system_clock::now();
  std::vector<DomainName> fallthrough_;
  std::vector<MasterZone> zones_;  // the longest name first
};

}  // namespace meshdns::plugin
