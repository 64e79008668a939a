#include "dns/plugin/template_tallies.hpp"

#include <algorithm>
#include <utility>

#include <meshdns/traffic_status.hpp>

#include "dns/wire/message.hpp"
#include "dns/wire/presentation.hpp"

namespace meshdns::plugin {
namespace {

std::size_t index_of(const std::vector<std::string>& list, std::string_view text) {
  const auto found = std::ranges::find(list, text);
  return static_cast<std::size_t>(std::min(found, list.end() - 1) - list.begin());
}

}  // namespace

TemplateTallies::TemplateTallies(const TemplateOptions& options) {
  if (options.qclass == wire::klass::ANY) {
    classes_ = {"IN", "CH", "ANY", "other"};
  } else {
    classes_ = {"ANY", wire::class_text(options.qclass)};  // who asks for any class is answered too
  }
  if (options.qtype == wire::type::ANY) {
    types_.assign(kCountedTypes.begin(), kCountedTypes.end());
  } else {
    types_ = {"ANY", wire::type_text(options.qtype)};
  }
  const std::array<std::pair<std::string_view, const std::vector<LocatedText>*>, 3> sections{
      {{"answer", &options.answer}, {"authority", &options.authority}, {"additional", &options.additional}}};
  for (std::size_t i = 0; i < sections.size(); ++i) {
    first_record_[i] = records_;
    records_ += sections[i].second->size();
  }
  for (const DomainName& zone : options.zones) {
    for (const std::string& qclass : classes_) {
      for (const std::string& qtype : types_) {
        all_.push_back(
            {.metric = "template_matches",
             .labels = {
                 {"zone", wire::name_text(zone.wire())}, {"view", ""}, {"class", qclass}, {"type", qtype}}});
      }
    }
  }
  for (const DomainName& zone : options.zones) {
    for (const auto& [section, records] : sections) {
      for (const LocatedText& record : *records) {
        for (const char* metric : {"template_template_failures", "template_rr_failures"}) {
          all_.push_back({.metric = metric,
                          .labels = {{"zone", wire::name_text(zone.wire())},
                                     {"view", ""},
                                     {"class", wire::class_text(options.qclass)},
                                     {"type", wire::type_text(options.qtype)},
                                     {"section", std::string(section)},
                                     {"template", record.text}}});
        }
      }
    }
  }
  zones_ = options.zones.size();
}

std::size_t TemplateTallies::match(std::size_t zone, std::string_view qclass, std::string_view qtype) const {
  return (zone * classes_.size() + index_of(classes_, qclass)) * types_.size() + index_of(types_, qtype);
}

std::size_t TemplateTallies::failure(std::size_t zone, TemplateSection section, std::size_t record,
                                     TemplateFault fault) const {
  const std::size_t matches = zones_ * classes_.size() * types_.size();
  const std::size_t place = zone * records_ + first_record_[static_cast<std::size_t>(section)] + record;
  return matches + 2 * place + static_cast<std::size_t>(fault);
}

}  // namespace meshdns::plugin
