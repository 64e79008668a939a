#include "dns/plugin/template_rule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "dns/plugin/negative.hpp"
#include "dns/plugin/zones.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::plugin {

struct TemplateRule::Asked {
  const DomainName& apex;  // the zone
  std::string zone;
  std::string name;
  std::string qclass;
  std::string type;
  std::string remote;
  const base::Regex* regex = nullptr;  // null: there is none, and the whole name is group 0
  std::array<std::string_view, base::Regex::kMaxGroups + 1> groups;

  std::optional<std::string_view> field(std::string_view field_name) const {
    const std::array<std::pair<std::string_view, std::string_view>, 5> fields{
        {{"Zone", zone}, {"Name", name}, {"Class", qclass}, {"Type", type}, {"Remote", remote}}};
    const auto* const found =
        std::ranges::find(fields, field_name, [](const auto& row) { return row.first; });
    return found == fields.end() ? std::nullopt : std::optional(found->second);
  }

  // `.Group` has groups by number and by name, `.Match` by number.
  std::optional<std::string_view> element(std::string_view collection, std::string_view key) const {
    std::size_t number = 0;
    const auto [end, failed] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (failed == std::errc() && end == key.data() + key.size()) {
      return number <= group_count() ? std::optional(groups.at(number)) : std::nullopt;
    }
    const std::size_t named = collection == "Group" && regex != nullptr ? regex->group_named(key) : 0;
    return named != 0 ? std::optional(groups.at(named)) : std::nullopt;
  }

  std::size_t group_count() const { return regex != nullptr ? regex->group_count() : 0; }
};

struct TemplateRule::Failure {
  TemplateSection section;
  std::size_t record;
  RecordFault fault;
};

namespace {

// By TemplateSection.
constexpr std::array kWireSections{wire::Section::Answer, wire::Section::Authority,
                                   wire::Section::Additional};

// What records may ask for of a match.
struct Keys {
  std::vector<std::string> groups;   // numbers and names
  std::vector<std::string> matches;  // numbers
};

Keys keys_of(const std::vector<base::Regex>& regexes) {
  std::size_t last = 0;
  Keys keys;
  for (const base::Regex& regex : regexes) {
    last = std::max(last, regex.group_count());
    std::ranges::copy_if(regex.group_names(), std::back_inserter(keys.groups),
                         [](const std::string& name) { return !name.empty(); });
  }
  for (std::size_t number = 0; number <= last; ++number) {
    keys.groups.push_back(std::to_string(number));
    keys.matches.push_back(std::to_string(number));
  }
  return keys;
}

Result<std::vector<RecordTemplate>> parse_all(const std::vector<LocatedText>& written, const Keys& keys) {
  std::vector<RecordTemplate> records;
  for (const LocatedText& text : written) {
    auto record = RecordTemplate::parse(text, keys.groups, keys.matches);
    if (!record) {
      return std::unexpected(std::move(record.error()));
    }
    records.push_back(*std::move(record));
  }
  return records;
}

bool wants_addresses(const wire::QueryView& query) {
  return query.qtype == wire::type::A || query.qtype == wire::type::AAAA;
}

}  // namespace

Result<TemplateRule> TemplateRule::make(const TemplateOptions& options,
                                        const std::vector<DomainName>& block_zones) {
  if (options.answer.empty() && options.authority.empty() && !options.rcode) {
    return template_fault(options.where, "no answer section for template found");
  }
  TemplateRule rule;
  rule.options_ = options;
  rule.options_.zones = zones_or(options.zones, block_zones);
  for (const LocatedText& pattern : options.match) {
    auto regex = base::Regex::compile(pattern.text);
    if (!regex) {
      return template_fault(pattern.where, "could not parse regex: " + regex.error().what);
    }
    rule.match_.push_back(*std::move(regex));
  }
  const Keys keys = keys_of(rule.match_);
  for (const auto& [section, written] : {std::pair(TemplateSection::Answer, &options.answer),
                                         std::pair(TemplateSection::Authority, &options.authority),
                                         std::pair(TemplateSection::Additional, &options.additional)}) {
    auto records = parse_all(*written, keys);
    if (!records) {
      return std::unexpected(std::move(records.error()));
    }
    rule.records_[static_cast<std::size_t>(section)] = *std::move(records);
  }
  rule.tallies_.emplace(rule.options_);
  return rule;
}

Verdict TemplateRule::answer(const wire::QueryView& query, const Client& client,
                             wire::ResponseWriter& out) const {
  const DomainName* zone = zone_of(options_.zones, query.folded_qname());
  if (zone == nullptr || !concerns(query)) {
    return {};
  }
  Asked asked{.apex = *zone,
              .zone = wire::name_text(zone->wire()),
              .name = wire::name_text(query.folded_qname()),
              .qclass = wire::class_text(query.qclass),
              .type = wire::type_text(query.qtype),
              .remote = client.address.ip.to_string(),
              .regex = nullptr,
              .groups = {}};
  if (!match(asked)) {
    const bool falls_through = zone_of(options_.fallthrough, query.folded_qname()) != nullptr;
    return falls_through ? Verdict()
                         : Verdict{.kind = Verdict::Kind::Error,
                                   .rcode = wire::rcode::ServFail,
                                   .error = "no regular expression matches, and nothing falls through"};
  }
  const auto zone_place = static_cast<std::size_t>(zone - options_.zones.data());
  Verdict verdict{.kind = Verdict::Kind::Answered,
                  .tally = tallies_->match(zone_place, asked.qclass, asked.type)};
  if (options_.rcode == wire::rcode::ServFail) {
    verdict.kind = Verdict::Kind::Error;  // as it was asked to
    verdict.rcode = wire::rcode::ServFail;
    return verdict;
  }
  const std::uint16_t rcode = options_.rcode.value_or(wire::rcode::NoError);
  out.begin(rcode, wire::flag::AA | wire::flag::RA);
  if (options_.extended_error) {
    out.set_extended_error(options_.extended_error->code, options_.extended_error->text);
  }
  if (auto failure = write_all(out, asked, rcode, verdict.alias)) {
    return {.kind = Verdict::Kind::Error,
            .rcode = wire::rcode::ServFail,
            .error = std::move(failure->fault.what),
            .tally = verdict.tally,
            .failure = tallies_->failure(zone_place, failure->section, failure->record, failure->fault.kind)};
  }
  if (!wants_addresses(query)) {
    verdict.alias.reset();
  }
  return verdict;
}

bool TemplateRule::concerns(const wire::QueryView& query) const {
  const auto fits = [](std::uint16_t ours, std::uint16_t theirs) {
    return ours == wire::klass::ANY || theirs == wire::klass::ANY || ours == theirs;
  };
  static_assert(wire::klass::ANY == wire::type::ANY);
  return fits(options_.qclass, query.qclass) && fits(options_.qtype, query.qtype);
}

bool TemplateRule::match(Asked& asked) const {
  if (match_.empty()) {
    asked.groups[0] = asked.name;
    return true;
  }
  const auto found = std::ranges::find_if(
      match_, [&](const base::Regex& regex) { return regex.captures(asked.name, asked.groups); });
  asked.regex = found != match_.end() ? &*found : nullptr;
  return asked.regex != nullptr;
}

// `alias` is the target of the CNAME that the answer section ends in.
std::optional<TemplateRule::Failure> TemplateRule::write_all(wire::ResponseWriter& out, const Asked& asked,
                                                             std::uint16_t rcode,
                                                             std::optional<DomainName>& alias) const {
  std::optional<DomainName> ignored;
  for (const TemplateSection section :
       {TemplateSection::Answer, TemplateSection::Authority, TemplateSection::Additional}) {
    if (auto failure = write(out, section, asked, section == TemplateSection::Answer ? alias : ignored)) {
      return failure;
    }
    const bool is_negative = rcode == wire::rcode::NXDomain ||
                             (rcode == wire::rcode::NoError && records_of(TemplateSection::Answer).empty());
    if (section == TemplateSection::Authority && is_negative && records_of(section).empty()) {
      write_soa(out, wire::Section::Authority, asked.apex);
    }
  }
  return std::nullopt;
}

std::optional<TemplateRule::Failure> TemplateRule::write(wire::ResponseWriter& out, TemplateSection section,
                                                         const Asked& asked,
                                                         std::optional<DomainName>& alias) const {
  const templates::TemplateData data{
      .field = [&](std::string_view name) { return asked.field(name); },
      .label = {},
      .element = [&](std::string_view collection,
                     std::string_view key) { return asked.element(collection, key); }};
  const auto& records = records_of(section);
  for (std::size_t i = 0; i < records.size(); ++i) {
    auto made = records[i].make(data);
    if (!made) {
      return Failure{section, i, std::move(made.error())};
    }
    alias.reset();
    if (made->type == wire::type::CNAME) {
      alias = DomainName::from_wire(made->data);
    }
    if (!write_record(out, kWireSections[static_cast<std::size_t>(section)], *made)) {
      break;
    }
  }
  return std::nullopt;
}

}  // namespace meshdns::plugin
