// AnswerTableBuilder: fills an AnswerTable name by name. compile_answers() knows in which order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <meshdns/zone.hpp>

#include "dns/answer/answer_table.hpp"

namespace meshdns::answer {

// First own(), disown() and disown_below(), short names before long ones, because a node learns what it lies
// in when it is made; then add() for every record; then the rest. Members throw std::length_error.
class AnswerTableBuilder {
 public:
  // `serial` becomes the SOA serial of every owned suffix.
  AnswerTableBuilder(std::size_t expected_names, std::uint32_t serial);

  // What lies at or below it and is not in the table does not exist.
  void own(const DomainName& suffix);
  // Others know what lies at or below it, although it lies below an owned suffix.
  void disown(const DomainName& suffix);
  // Others know what lies below it. Records there are what they are elsewhere below the owned suffix.
  void disown_below(const DomainName& overlay_name);

  void add(const ZoneRecord& record, std::uint32_t record_index);
  // Of several records of one name the last one that was added.
  bool is_current(const ZoneRecord& record, std::uint32_t record_index);
  void add_services(const ZoneRecord& record, std::uint32_t record_index);
  void add_reverse(const ZoneRecord& record);
  // Names without records that are there only because others lie below them do not exist. To be called when
  // all records are there.
  void deny_empty_non_terminals();
  void set_search(SearchPolicy search) { table_.search_ = std::move(search); }
  void add_vip_ranges(const std::vector<VipUsage>& usages);

  // `names` is what AnswerTable::name_count() will say.
  AnswerTable finish(std::size_t names);

 private:
  using Node = AnswerTable::Node;

  struct Other {
    std::uint32_t node = 0;
    std::uint16_t type = 0;
    std::vector<std::uint8_t> record;

    bool operator==(const Other&) const = default;
  };

  static void disown_below(Node& node);
  void set_top_bits();
  std::uint32_t records_size() const;
  const Node& node_of(const ZoneRecord& record) { return table_.nodes_[node_at(record.name.wire())]; }
  void add_other(std::uint32_t node, std::uint16_t type, std::vector<std::uint8_t> record);
  void add_service(const ZoneRecord& record, std::uint32_t record_index, const std::string& service,
                   const std::string& protocol, const std::vector<std::uint8_t>& srv);

  // The node of a name; it and its missing ancestors are made.
  std::uint32_t node_at(std::span<const std::uint8_t> name);
  std::uint32_t insert(std::span<const std::uint8_t> name, const Node* parent);
  void claim_slot(std::uint32_t index);

  AnswerTable table_;
  std::uint32_t serial_;
  std::vector<Other> others_;
  std::vector<std::uint8_t> padded_;
};

}  // namespace meshdns::answer
