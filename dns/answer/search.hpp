// Names that stubs make of a name of ours and a suffix of their search list (resolv.conf(5)):
// `backend.mesh.example.com`. Where a mesh has a SearchPolicy they are not forwarded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dns/answer/answer_table.hpp"
#include "dns/answer/decide.hpp"
#include "dns/wire/query_view.hpp"
#include "dns/wire/response_writer.hpp"

namespace meshdns::answer {

struct Searched {
  AnswerTable::Match match;    // of the name of ours
  std::size_t front_size = 0;  // octets in front of the suffix
  alignas(8) std::array<std::uint8_t, wire::kMaxNameSize + 9> name;

  std::span<const std::uint8_t> name_octets() const noexcept { return {name.data(), front_size + 1}; }
};

// Nullopt: the name is none of these. One label in front of a suffix is none: hosts of the suffix are called
// so.
std::optional<Searched> find_searched(const AnswerTable& mesh, std::span<const std::uint8_t> folded) noexcept;

// For a name that is not ours. As decide().
Decision decide_searched(const wire::QueryView& query, const AnswerTable& mesh, std::uint32_t rotation,
                         wire::ResponseWriter& out) noexcept;

}  // namespace meshdns::answer
