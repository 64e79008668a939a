#include "dns/server/recent_replies.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "dns/wire/message.hpp"

namespace meshdns::server {

// The response behind it repeats the question.
struct RecentReplies::Kept {
  Kept(const RepeatedQuery& query, Time now, std::size_t its_size)
      : at(now),
        client(query.client),
        block(query.block),
        limit(query.limit),
        generation(query.generation),
        id(query.id),
        flags(query.flags),
        edns(query.edns),
        size(its_size) {}

  bool is_for(const RepeatedQuery& query) const noexcept {
    return id == query.id && client == query.client && flags == query.flags && block == query.block &&
           generation == query.generation && limit == query.limit && edns == query.edns;
  }

  Time at;
  SocketAddress client;
  const void* block;
  std::size_t limit;
  std::uint32_t generation;
  std::uint16_t id;
  std::uint16_t flags;
  wire::Edns edns;
  std::size_t size;  // octets of the response
};

// Ids and ports are random already, or nobody can tell them apart.
std::size_t RecentReplies::place_of(const RepeatedQuery& query) noexcept {
  const std::uint8_t* type_and_class = query.question.data() + query.question.size() - 4;
  const std::uint64_t number = (std::uint64_t{query.id} << 16 | query.client.port) ^
                               std::uint64_t{wire::load32(type_and_class)} << 24 ^
                               std::uint64_t{wire::load32(query.client.ip.octets.data())} << 32;
  return static_cast<std::size_t>(number * 0x9E3779B97F4A7C15U >> 32) % kPlaces;
}

std::span<const std::uint8_t> RecentReplies::find(const RepeatedQuery& query, Time now) const noexcept {
  const std::uint64_t begin = is_empty() ? 0 : places_[place_of(query)];
  if (begin < begin_) {
    return {};
  }
  const std::uint8_t* at = &ring_[begin % kRoom];
  const Kept& kept = *std::launder(reinterpret_cast<const Kept*>(at));
  const std::span response(at + sizeof kept, kept.size);
  return kept.is_for(query) && now - kept.at < kMemory &&
                 std::ranges::equal(query.question,
                                    response.subspan(wire::kHeaderSize, query.question.size()))
             ? response
             : std::span<const std::uint8_t>();
}

void RecentReplies::keep(const RepeatedQuery& query, std::span<const std::uint8_t> response, Time now) {
  if (is_empty()) {
    places_ = std::make_unique<std::uint64_t[]>(kPlaces);
    ring_ = std::make_unique_for_overwrite<std::uint8_t[]>(kRoom);
  }
  const std::uint64_t size = (sizeof(Kept) + response.size() + kFirst - 1) / kFirst * kFirst;
  if (kRoom - end_ % kRoom < size) {
    end_ += kRoom - end_ % kRoom;  // what is kept lies in one piece
  }
  std::uint8_t* at = &ring_[end_ % kRoom];
  new (at) Kept(query, now, response.size());
  std::memcpy(at + sizeof(Kept), response.data(), response.size());
  places_[place_of(query)] = end_;
  end_ += size;
  begin_ = std::max(begin_, end_ < kRoom ? 0 : end_ - kRoom);
}

}  // namespace meshdns::server
