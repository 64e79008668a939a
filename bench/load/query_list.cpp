#include "bench/load/query_list.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <ranges>
#include <utility>

#include <fmt/format.h>

namespace meshdns::load {
namespace {

constexpr std::size_t kUniqueDigits = 8;

constexpr std::array<std::pair<std::string_view, std::uint16_t>, 12> kTypes{{{"A", 1},
                                                                             {"NS", 2},
                                                                             {"CNAME", 5},
                                                                             {"SOA", 6},
                                                                             {"PTR", 12},
                                                                             {"MX", 15},
                                                                             {"TXT", 16},
                                                                             {"AAAA", 28},
                                                                             {"SRV", 33},
                                                                             {"SVCB", 64},
                                                                             {"HTTPS", 65},
                                                                             {"ANY", 255}}};

constexpr std::array<std::pair<std::string_view, Expect>, 5> kExpectations{{{"records", Expect::Records},
                                                                            {"nodata", Expect::NoData},
                                                                            {"nxdomain", Expect::NxDomain},
                                                                            {"servfail", Expect::ServFail},
                                                                            {"refused", Expect::Refused}}};

template <class Table>
auto find_word(const Table& table, std::string_view word) {
  const auto row = std::ranges::find(table, word, &Table::value_type::first);
  return row == table.end() ? std::nullopt : std::optional(row->second);
}

std::optional<std::uint16_t> parse_type(std::string_view word) {
  if (const auto known = find_word(kTypes, word)) {
    return known;
  }
  if (!word.starts_with("TYPE")) {
    return std::nullopt;
  }
  std::uint16_t number = 0;
  const char* const end = word.data() + word.size();
  const auto read = std::from_chars(word.data() + 4, end, number);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(number) : std::nullopt;
}

void put16(std::string& out, unsigned value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xff));
}

bool put_name(std::string& out, std::string_view name) {
  const std::size_t start = out.size();
  if (name.ends_with('.')) {
    name.remove_suffix(1);
  }
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    if (label.empty() || label.size() > 63 || label.contains('\\')) {
      return false;
    }
    out.push_back(static_cast<char>(label.size()));
    out += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  out.push_back('\0');
  return out.size() - start <= 255;
}

std::vector<std::string_view> split_words(std::string_view line) {
  line = line.substr(0, line.find_first_of(";#"));
  constexpr std::string_view kBlanks = " \t\r";
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(kBlanks)));
    if (line.empty()) {
      return words;
    }
    words.push_back(line.substr(0, line.find_first_of(kBlanks)));
    line.remove_prefix(words.back().size());
  }
}

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

unsigned read16(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned>(static_cast<std::uint8_t>(bytes[at]) << 8 |
                               static_cast<std::uint8_t>(bytes[at + 1]));
}

}  // namespace

Result<Query> encode_query(std::string_view line, bool with_edns) {
  const auto words = split_words(line);
  if (words.size() < 2 || words.size() > 3) {
    return fail(Errc::InvalidConfig, fmt::format("\"{}\": expected `name type [outcome]`", line));
  }
  const auto type = parse_type(words[1]);
  if (!type) {
    return fail(Errc::InvalidConfig,
                fmt::format("unknown type \"{}\", expected one such as A, AAAA or TYPE65280", words[1]));
  }
  const auto expect =
      words.size() == 3 ? find_word(kExpectations, words[2]) : std::optional(Expect::AnyAnswer);
  if (!expect) {
    return fail(Errc::InvalidConfig,
                fmt::format("unknown outcome \"{}\", expected records, nodata, nxdomain, servfail or refused",
                            words[2]));
  }

  Query query;
  query.expect = *expect;
  put16(query.wire, 0);
  put16(query.wire, 0x0100);
  put16(query.wire, 1);
  put16(query.wire, 0);
  put16(query.wire, 0);
  put16(query.wire, with_edns ? 1 : 0);
  if (!put_name(query.wire, words[0])) {
    return fail(
        Errc::InvalidConfig,
        fmt::format("\"{}\" is not a name, expected labels of 1 to 63 octets without escapes", words[0]));
  }
  put16(query.wire, *type);
  put16(query.wire, 1);
  query.question_size = query.wire.size() - kHeaderSize;
  if (with_edns) {
    query.wire.push_back('\0');
    put16(query.wire, 41);
    put16(query.wire, 1232);
    query.wire.append(6, '\0');
  }
  return query;
}

Result<std::vector<Query>> read_queries(const std::string& path, bool with_edns) {
  std::ifstream file(path);
  if (!file) {
    return fail(Errc::FileUnreadable,
                fmt::format("{}: cannot be read, expected a file of `name type` lines", path));
  }
  std::vector<Query> queries;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (split_words(line).empty()) {
      continue;
    }
    auto query = encode_query(line, with_edns);
    if (!query) {
      return fail(Errc::InvalidConfig, fmt::format("{}:{}:1: {}", path, number, query.error().what));
    }
    queries.push_back(std::move(*query));
  }
  if (queries.empty()) {
    return fail(Errc::InvalidConfig, fmt::format("{}: no queries, expected `name type` lines", path));
  }
  return queries;
}

std::string_view find_fault(std::string_view query, std::size_t question_size, Expect expect,
                            std::string_view reply) {
  if (reply.size() < kHeaderSize + question_size) {
    return "too short to repeat the question";
  }
  const unsigned flags = read16(reply, 2);
  if ((flags & 0x8000) == 0) {
    return "QR is not set";
  }
  if (read16(reply, 4) != 1 ||
      !std::ranges::equal(query.substr(kHeaderSize, question_size), reply.substr(kHeaderSize, question_size),
                          {}, to_lower, to_lower)) {
    return "another question";
  }
  const unsigned rcode = flags & 0xf;
  const bool has_records = read16(reply, 6) != 0;
  switch (expect) {
    case Expect::AnyAnswer:
      return rcode == 0 || rcode == 3 ? "" : "rcode is neither NOERROR nor NXDOMAIN";
    case Expect::Records:
      return rcode == 0 && has_records ? "" : "expected NOERROR with records";
    case Expect::NoData:
      return rcode == 0 && !has_records ? "" : "expected NOERROR without records";
    case Expect::NxDomain:
      return rcode == 3 ? "" : "expected NXDOMAIN";
    case Expect::ServFail:
      return rcode == 2 ? "" : "expected SERVFAIL";
    case Expect::Refused:
      return rcode == 5 ? "" : "expected REFUSED";
  }
  std::unreachable();
}

Result<QuerySource> QuerySource::open(std::vector<Query> queries, bool unique, std::uint32_t seed) {
  const bool has_room = std::ranges::all_of(queries, [](const Query& query) {
    return static_cast<std::uint8_t>(query.wire[kHeaderSize]) >= kUniqueDigits;
  });
  if (unique && !has_room) {
    return fail(
        Errc::InvalidConfig,
        fmt::format("unique names need first labels of at least {} octets in the query file", kUniqueDigits));
  }
  return QuerySource(std::move(queries), unique, seed);
}

QuerySource::QuerySource(std::vector<Query> queries, bool unique, std::uint32_t seed)
    : queries_(std::move(queries)), unique_(unique), count_(seed) {}

const Query& QuerySource::next() {
  Query& query = queries_[position_];
  position_ = position_ + 1 == queries_.size() ? 0 : position_ + 1;
  if (unique_) {
    const std::size_t label_end = kHeaderSize + 1 + static_cast<std::uint8_t>(query.wire[kHeaderSize]);
    std::uint32_t rest = count_++;
    for (std::size_t at = label_end; at-- > label_end - kUniqueDigits; rest >>= 4) {
      query.wire[at] = "0123456789abcdef"[rest & 0xf];
    }
  }
  return query;
}

}  // namespace meshdns::load
