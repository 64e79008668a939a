// InFlightTable: the distinct questions in flight, by what makes them the same and by age.
//
// An entry is used again and again, so that a question costs no allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/intrusive/unordered_set.hpp>

#include <meshdns/address.hpp>

#include "dns/forward/lookup.hpp"
#include "dns/wire/message.hpp"
#include "dns/wire/query_view.hpp"

namespace meshdns::forward {

// What makes two questions the same to an upstream.
class QuestionKey {
 public:
  // `generation`: of the plan that `pool` belongs to.
  QuestionKey(std::uint32_t generation, std::size_t pool, const wire::QueryView& query);

  std::string_view octets() const { return {reinterpret_cast<const char*>(octets_.data()), size_}; }

 private:
  static constexpr std::size_t kHeadSize = 14;

  std::array<std::uint8_t, kHeadSize + wire::kMaxNameSize> octets_;
  std::size_t size_;
};

class InFlightTable {
 public:
  struct Asker {
    IpAddress client;
    std::move_only_function<void(const Outcome&)> done;
  };

  struct Entry : boost::intrusive::unordered_set_base_hook<boost::intrusive::store_hash<true>> {
    std::string key;
    std::optional<Lookup> lookup;
    Asker first;                // whose question it is
    std::vector<Asker> joined;  // the others
    std::list<Entry>::iterator place;

    std::size_t askers() const { return 1 + joined.size(); }
    template <class Visit>
    void for_each_asker(Visit visit) {
      visit(first);
      for (Asker& asker : joined) {
        visit(asker);
      }
    }
  };
  using Entries = std::list<Entry>;

  explicit InFlightTable(std::size_t expected);
  ~InFlightTable() { by_key_.clear(); }

  std::size_t size() const { return by_key_.size(); }
  Entry* find(std::string_view key);

  // The oldest in front.
  const Entries& entries() const { return by_age_; }
  Entries& entries() { return by_age_; }

  // If there is such a question already, find() finds either.
  Entry& add(std::string_view key);
  Entries take_out(Entry& entry);  // the entry alone, to be given to put_away() when it is no longer needed
  void put_away(Entries& entry);

 private:
  struct KeyOf {
    using type = std::string_view;
    type operator()(const Entry& entry) const { return entry.key; }
  };
  using ByKey = boost::intrusive::unordered_multiset<
      Entry, boost::intrusive::key_of_value<KeyOf>, boost::intrusive::hash<std::hash<std::string_view>>,
      boost::intrusive::equal<std::equal_to<>>, boost::intrusive::power_2_buckets<true>>;

  // As many may stay for what comes.
  static constexpr std::size_t kMaxSpare = 512;

  Entries by_age_;
  Entries spare_;
  std::vector<ByKey::bucket_type> buckets_;
  ByKey by_key_;
};

}  // namespace meshdns::forward
