#include <vector>

#include <gtest/gtest.h>

#include "dns/wire/query_view.hpp"

namespace meshdns::wire {
namespace {

std::uint8_t naive_fold(std::uint8_t octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet + 32) : octet;
}

TEST(FoldName, FoldsEveryOctetAtEveryPlaceOfAWord) {
  for (int octet = 0; octet < 256; ++octet) {
    for (std::size_t place = 0; place < 8; ++place) {
      for (const int other :
           {0x00, 0x41, 0x5A, 0x61, 0x7F, 0x80, 0xFF}) {  // no carry may cross from a neighbour
        std::vector<std::uint8_t> name(8, static_cast<std::uint8_t>(other));
        name[place] = static_cast<std::uint8_t>(octet);
        std::vector<std::uint8_t> folded(8);
        fold_name(name.data(), name.size(), folded.data());
        for (std::size_t i = 0; i < 8; ++i) {
          ASSERT_EQ(folded[i], naive_fold(name[i])) << octet << " at " << place << " among " << other;
        }
      }
    }
  }
}

TEST(FoldName, FoldsEveryLengthAndPadsWithZeros) {
  for (std::size_t size = 0; size <= kMaxNameSize; ++size) {
    std::vector<std::uint8_t> name(size);  // exactly as long, so that a sanitizer sees a read beyond
    for (std::size_t i = 0; i < size; ++i) {
      name[i] = static_cast<std::uint8_t>('@' + (i + size) % 30);
    }
    const std::size_t padded = (size + 7) / 8 * 8;
    std::vector<std::uint8_t> folded(padded, 0xEE);
    fold_name(name.data(), size, folded.data());
    for (std::size_t i = 0; i < padded; ++i) {
      ASSERT_EQ(folded[i], i < size ? naive_fold(name[i]) : 0) << i << " of " << size;
    }
  }
}

}  // namespace
}  // namespace meshdns::wire
