// QueryList: the questions of a load run, encoded once, and what each reply must look like.
//
// File format, as dnsperf's with one optional column more; `;` and `#` start comments:
//   name type [records|nodata|nxdomain|servfail|refused]
// Without the third column NOERROR and NXDOMAIN are both good. This code shares nothing with the server's own
// wire code on purpose: a judge that uses the same parser would repeat its mistakes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <meshdns/result.hpp>

namespace meshdns::load {

inline constexpr std::size_t kHeaderSize = 12;
inline constexpr std::size_t kMaxQuerySize = kHeaderSize + 255 + 4 + 11;  // header, name, type and class, OPT

enum class Expect : std::uint8_t { AnyAnswer, Records, NoData, NxDomain, ServFail, Refused };

struct Query {
  std::string wire;  // id 0, RD set
  std::size_t question_size = 0;
  Expect expect = Expect::AnyAnswer;
};

/// One line of the file. Escapes in names are not supported: load is made of host names.
Result<Query> encode_query(std::string_view line, bool with_edns);

Result<std::vector<Query>> read_queries(const std::string& path, bool with_edns);

/// Empty if `reply` answers `query` (any letter case) as `expect` wants; otherwise what is wrong with it.
/// The id is not looked at. Returns text with static lifetime, so that a flood of bad replies costs nothing.
std::string_view find_fault(std::string_view query, std::size_t question_size, Expect expect,
                            std::string_view reply);

/// Hands out the queries round and round.
class QuerySource {
 public:
  /// With `unique`, the last 8 octets of each first label are replaced by a hexadecimal count from `seed` up,
  /// so that no cache can know the name. Each first label must then be at least that long.
  static Result<QuerySource> open(std::vector<Query> queries, bool unique, std::uint32_t seed);

  /// Valid until the next call.
  const Query& next();

 private:
  QuerySource(std::vector<Query> queries, bool unique, std::uint32_t seed);

  std::vector<Query> queries_;
  bool unique_;
  std::uint32_t count_;
  std::size_t position_ = 0;
};

}  // namespace meshdns::load
