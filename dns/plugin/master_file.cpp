#include "dns/plugin/master_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "dns/plugin/ldns_record.hpp"
#include "dns/plugin/packet.hpp"
#include "dns/plugin/read_file.hpp"

namespace meshdns::plugin {
namespace {

constexpr std::uint32_t kDefaultTtl = 3600;  // CoreDNS's, for records in front of any $TTL

std::string describe(ldns_status status) {
  if (status == LDNS_STATUS_SYNTAX_INCLUDE || status == LDNS_STATUS_SYNTAX_INCLUDE_ERR_NOTIMPL) {
    return "$INCLUDE is not supported";
  }
  return ldns_get_errorstr_by_id(status);
}

// ldns's reader, with what it remembers from one record to the next.
class Reader {
 public:
  Reader(const std::string& text, const DomainName& apex)
      : text_(text),
        file_(::fmemopen(const_cast<char*>(text.data()), text.size(), "r")),
        origin_(ldns_dname_new_frm_data(static_cast<std::uint16_t>(apex.wire().size()), apex.wire().data())) {
  }
  ~Reader() {
    ldns_rdf_deep_free(origin_);
    ldns_rdf_deep_free(previous_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool is_at_end() const { return file_ == nullptr || std::feof(file_.get()) != 0; }

  // Of what was read last. ldns counts comments to the record behind them.
  std::uint32_t line() {
    std::size_t at = begin_;
    while (at < text_.size()) {
      const std::string_view rest = text_.substr(at);
      const std::size_t first = rest.find_first_not_of(" \t\r");
      if (first != std::string_view::npos && rest[first] != ';' && rest[first] != '\n') {
        break;
      }
      at += std::min(rest.find('\n'), rest.size() - 1) + 1;
    }
    const auto counted = text_.begin() + static_cast<std::ptrdiff_t>(counted_);
    line_ += static_cast<std::uint32_t>(
        std::count(counted, text_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    counted_ = at;
    return line_;
  }

  // A null record: a line that is none.
  std::expected<Record, std::string> next() {
    begin_ = static_cast<std::size_t>(std::max(std::ftell(file_.get()), 0L));
    ldns_rr* record = nullptr;
    const ldns_status status = ldns_rr_new_frm_fp(&record, file_.get(), &ttl_, &origin_, &previous_);
    switch (status) {
      case LDNS_STATUS_OK:
        return Record(record);
      case LDNS_STATUS_SYNTAX_TTL:
      case LDNS_STATUS_SYNTAX_ORIGIN:
      case LDNS_STATUS_SYNTAX_EMPTY:
        return nullptr;
      default:
        return std::unexpected(describe(status));
    }
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string_view text_;
  std::unique_ptr<std::FILE, Close> file_;
  std::uint32_t ttl_ = kDefaultTtl;
  ldns_rdf* origin_ = nullptr;
  ldns_rdf* previous_ = nullptr;  // owner of the record before
  std::size_t begin_ = 0;
  std::size_t counted_ = 0;  // octets, whose lines are in `line_`
  std::uint32_t line_ = 1;
};

}  // namespace

Result<MasterZone> read_master_file(const std::string& path, const DomainName& apex) {
  const auto text = read_file(path);
  if (!text) {
    return std::unexpected(text.error());
  }
  MasterZone zone(apex);
  Reader reader(*text, apex);
  const auto fault = [&](const std::string& what) {
    return fail(Errc::InvalidZone, fmt::format("{}:{}: {}", path, reader.line(), what));
  };
  while (!reader.is_at_end()) {
    const auto record = reader.next();
    if (!record) {
      return fault(record.error());
    }
    if (*record == nullptr) {
      continue;
    }
    LocalRecord copy = copy_record(**record);
    copy.line = reader.line();
    if (const auto added = zone.add(std::move(copy)); !added) {
      return fault(added.error());
    }
  }
  if (const auto checked = zone.check(); !checked) {
    return fail(Errc::InvalidZone, fmt::format("{}: {}", path, checked.error()));
  }
  return zone;
}

}  // namespace meshdns::plugin
