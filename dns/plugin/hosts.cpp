#include "dns/plugin/hosts.hpp"

#include <filesystem>
#include <utility>

#include <sys/stat.h>

#include "dns/plugin/negative.hpp"
#include "dns/plugin/read_file.hpp"
#include "dns/plugin/record.hpp"
#include "dns/plugin/zones.hpp"
#include "dns/wire/reverse_name.hpp"

namespace meshdns::plugin {
namespace {

// When the file was changed last; none: it is not there.
std::optional<std::chrono::system_clock::time_point> time_of(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) {
    return std::nullopt;
  }
  const auto since_epoch =
      std::chrono::seconds(found.st_mtim.tv_sec) + std::chrono::nanoseconds(found.st_mtim.tv_nsec);
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch));
}

}  // namespace

Result<Hosts> Hosts::read(const HostsOptions& options, const std::vector<DomainName>& block_zones) {
  HostsTable table;
  std::error_code ignored;
  const auto modified = time_of(options.path);  // before it is read: it may change meanwhile
  if (options.path != HostsOptions().path || std::filesystem::exists(options.path, ignored)) {
    const auto text = read_file(options.path);
    if (!text) {
      return fail(text.error().code, "plugin/hosts: " + text.error().what);
    }
    table.add_lines(*text, {options.path, 1});
  }
  for (const LocatedText& line : options.lines) {
    table.add_lines(line.text, line.where);
  }
  HostsOptions in_force = options;
  in_force.zones = zones_or(options.zones, block_zones);
  return Hosts(std::move(in_force), std::move(table), modified);
}

HostsStatus Hosts::status() const {
  return {.path = options_.path, .entries = table_.entry_count(), .modified = modified_};
}

// Of a negative answer all lines of the name, of SERVFAIL the directive.
Written Hosts::written(const wire::QueryView& query) const {
  Written written{.lines = {}, .read = read_};
  const auto add = [&](const std::vector<HostsTable::Entry>& entries,
                       const std::optional<IpAddress>& address = std::nullopt) {
    for (const HostsTable::Entry& entry : entries) {
      if (!address || entry.address == *address) {
        written.lines.push_back(table_.place_of(entry.line));
      }
    }
  };
  const auto address = wire::address_of_reverse_name(query.folded_qname());
  if (query.qtype == wire::type::PTR && options_.reverse && address) {
    for (const DomainName& name : table_.names(*address)) {
      const HostsTable::Addresses& found = *table_.find(name.wire());
      add(address->is_v6 ? found.ipv6 : found.ipv4, address);
    }
  }
  const HostsTable::Addresses* found = table_.find(query.folded_qname());
  if (written.lines.empty() && found != nullptr) {
    const bool has_ipv4 = query.qtype == wire::type::A && !found->ipv4.empty();
    const bool has_ipv6 = query.qtype == wire::type::AAAA && !found->ipv6.empty();
    if (!has_ipv6) {
      add(found->ipv4);
    }
    if (!has_ipv4) {
      add(found->ipv6);
    }
  }
  if (written.lines.empty()) {
    written.lines.push_back(options_.where);
  }
  return written;
}

Verdict Hosts::answer(const wire::QueryView& query, const Client& /*client*/,
                      wire::ResponseWriter& out) const {
  const auto qname = query.folded_qname();
  if (query.qclass != wire::klass::IN) {
    return {};
  }
  if (query.qtype == wire::type::PTR && options_.reverse) {
    if (Verdict verdict = answer_reverse(query, out); verdict.kind != Verdict::Kind::Pass) {
      return verdict;
    }
  }
  const DomainName* zone = zone_of(options_.zones, qname);
  if (zone == nullptr) {
    return {};
  }
  const HostsTable::Addresses* found = table_.find(qname);
  if (query.qtype == wire::type::PTR && found == nullptr) {
    return {};  // an address that the file does not have is for others to name
  }
  const bool is_supported = query.qtype == wire::type::A || query.qtype == wire::type::AAAA;
  if (!is_supported && options_.fallthrough_unsupported) {
    return {};
  }
  if (found == nullptr) {
    const bool falls_through = zone_of(options_.fallthrough, qname) != nullptr;
    return falls_through ? Verdict()
                         : Verdict{.kind = Verdict::Kind::Error,
                                   .rcode = wire::rcode::ServFail,
                                   .error = "the name is not in the file, and does not fall through"};
  }
  const bool is_v6 = query.qtype == wire::type::AAAA;
  const auto& addresses = is_v6 ? found->ipv6 : found->ipv4;
  if (!is_supported || addresses.empty()) {
    return answer_negative(out, *zone, wire::rcode::NoError);
  }
  out.begin(wire::rcode::NoError, wire::flag::AA | wire::flag::RA);
  for (const auto& [address, line] : addresses) {
    if (!write_record(out, wire::Section::Answer,
                      {qname, query.qtype, wire::klass::IN, options_.ttl_seconds, address.bytes()})) {
      break;
    }
  }
  return {.kind = Verdict::Kind::Answered};
}

Verdict Hosts::answer_reverse(const wire::QueryView& query, wire::ResponseWriter& out) const {
  const auto address = wire::address_of_reverse_name(query.folded_qname());
  const auto names = address ? table_.names(*address) : std::span<const DomainName>();
  if (names.empty()) {
    return {};
  }
  out.begin(wire::rcode::NoError, wire::flag::AA | wire::flag::RA);
  for (const DomainName& name : names) {
    if (!write_record(
            out, wire::Section::Answer,
            {query.folded_qname(), wire::type::PTR, wire::klass::IN, options_.ttl_seconds, name.wire()})) {
      break;
    }
  }
  return {.kind = Verdict::Kind::Answered};
}

}  // namespace meshdns::plugin
