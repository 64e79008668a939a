#include "dns/app/start_lines.hpp"

#include <gtest/gtest.h>

#include <meshdns/corefile.hpp>

namespace meshdns::app {
namespace {

std::string lines(std::string_view corefile, std::initializer_list<std::string_view> listening) {
  std::vector<SocketAddress> addresses;
  for (const auto text : listening) {
    addresses.push_back(*SocketAddress::parse(text, 0));
  }
  return start_lines(parse_corefile(corefile, "Corefile").value().options, addresses);
}

TEST(StartLines, NameEachZoneOnEachAddress) {
  EXPECT_EQ(lines(".:15053 {\n bind 127.0.0.1 ::1\n}", {"127.0.0.1:15053", "[::1]:15053"}),
            ".:15053 on 127.0.0.1\n.:15053 on ::1\n");
}

TEST(StartLines, SortZonesOfOneAddressAcrossBlocks) {
  EXPECT_EQ(lines("b.org:5 a.org:5 {\n}\n.:5 {\n}", {"0.0.0.0:5", "[::]:5"}), ".:5\na.org.:5\nb.org.:5\n");
}

TEST(StartLines, ShowThePortThatTheKernelPicked) {
  EXPECT_EQ(lines("a:0 b:7 {\n bind 127.0.0.1\n}", {"127.0.0.1:40000", "127.0.0.1:7"}),
            "a.:40000 on 127.0.0.1\nb.:7 on 127.0.0.1\n");
}

TEST(StartLines, LeaveOutAnAddressThatCouldNotBeHad) {
  EXPECT_EQ(lines(".:5 {\n bind 127.0.0.1 ::1\n}", {"127.0.0.1:5"}), ".:5 on 127.0.0.1\n");
}

TEST(StartLines, WarnOfUnusualNames) {
  EXPECT_EQ(lines("_x.org:5 {\n bind ::1\n}", {"[::1]:5"}),
            "Warning: Domain \"_x.org.\" does not follow RFC1035 preferred syntax\n_x.org.:5 on ::1\n");
}

}  // namespace
}  // namespace meshdns::app
