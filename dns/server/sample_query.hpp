// SampleQuery: a query as it would arrive, for who wants to know what would become of it.
#pragma once

#include <cstdint>
#include <vector>

#include <meshdns/domain_name.hpp>

#include "dns/wire/message.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::server {

class SampleQuery {
 public:
  SampleQuery(const DomainName& name, std::uint16_t type) : packet_(wire::kHeaderSize) {
    wire::store16(&packet_[2], wire::flag::RD);
    wire::store16(&packet_[4], 1);
    packet_.insert(packet_.end(), name.wire().begin(), name.wire().end());
    packet_.resize(packet_.size() + 4);
    wire::store16(&packet_[packet_.size() - 4], type);
    wire::store16(&packet_[packet_.size() - 2], wire::klass::IN);
    valid_ = wire::parse_query(packet_, view_) == wire::QueryVerdict::Ok;
  }
  SampleQuery(const SampleQuery&) = delete;
  SampleQuery& operator=(const SampleQuery&) = delete;

  bool is_valid() const { return valid_; }
  const wire::QueryView& view() const { return view_; }

 private:
  std::vector<std::uint8_t> packet_;
  wire::QueryView view_;
  bool valid_ = false;
};

}  // namespace meshdns::server
