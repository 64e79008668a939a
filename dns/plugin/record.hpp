// Records of directives that answer from local data, and how they get into a response.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "dns/wire/response_writer.hpp"

namespace meshdns::plugin {

// Names in it are uncompressed.
struct LocalRecord {
  std::vector<std::uint8_t> owner;  // letter case as written
  std::uint16_t type = 0;
  std::uint16_t qclass = 0;
  std::uint32_t ttl = 0;  // seconds
  std::vector<std::uint8_t> data;
  std::uint32_t line = 0;  // of its file; 0: unknown
};

struct RecordView {
  std::span<const std::uint8_t> owner;
  std::uint16_t type = 0;
  std::uint16_t qclass = 0;
  std::uint32_t ttl = 0;
  std::span<const std::uint8_t> data;
  std::uint32_t line = 0;  // as in LocalRecord

  RecordView() = default;
  RecordView(std::span<const std::uint8_t> its_owner, std::uint16_t its_type, std::uint16_t its_class,
             std::uint32_t its_ttl, std::span<const std::uint8_t> its_data, std::uint32_t its_line = 0)
      : owner(its_owner), type(its_type), qclass(its_class), ttl(its_ttl), data(its_data), line(its_line) {}
  explicit(false) RecordView(const LocalRecord& record)
      : RecordView(record.owner, record.type, record.qclass, record.ttl, record.data, record.line) {}
};

// `text` is a record in presentation format; without a TTL it has 3600, names without final dot are absolute.
// The error is a sentence.
std::expected<LocalRecord, std::string> read_record(const std::string& text);

// Adds the record, its owner compressed against the question. False: it does not fit, and TC is set unless
// the section is the additional one, which clients can do without.
bool write_record(wire::ResponseWriter& out, wire::Section section, const RecordView& record);

}  // namespace meshdns::plugin
