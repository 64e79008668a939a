#include "redirect/firewalld.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redirect/plan/iptables_plan.hpp"
#include "redirect/plan/iptables_text.hpp"

namespace meshdns::redirect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Firewalld : public ::testing::Test {
 protected:
  Firewalld() : folder_(::testing::TempDir() + "meshdns-firewalld-XXXXXX") { mkdtemp(folder_.data()); }
  ~Firewalld() override { std::filesystem::remove_all(folder_); }

  const std::string& folder() const { return folder_; }
  std::string read(const std::string& name = "direct.xml") const {
    std::ifstream file(folder_ + "/" + name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }

 private:
  std::string folder_;
};

std::string rules(Family family, std::uint16_t port = 15053) {
  RedirectSpec spec;
  spec.dns.enabled = spec.dns.all_traffic = true;
  spec.dns.port = port;
  return iptables_text(iptables_plan(spec, {}, family).value(), {});
}

TEST_F(Firewalld, KeepsRulesOfBothFamiliesInTheirOrder) {
  ASSERT_TRUE(store_in_firewalld(folder(), rules(Family::Ipv4), rules(Family::Ipv6)).has_value());
  const std::string text = read();
  EXPECT_THAT(text, AllOf(HasSubstr("<chain ipv=\"ipv4\" table=\"nat\" chain=\"KUMA_MESH_INBOUND\"/>"),
                          HasSubstr("<chain ipv=\"ipv6\" table=\"nat\" chain=\"KUMA_MESH_INBOUND\"/>"),
                          HasSubstr("<rule ipv=\"ipv4\" table=\"nat\" chain=\"OUTPUT\" priority=\"1\">"),
                          HasSubstr("<rule ipv=\"ipv6\" table=\"nat\" chain=\"OUTPUT\" priority=\"2\">"),
                          HasSubstr("-s ::6/128 -o lo -j RETURN</rule>")));
  EXPECT_EQ(std::filesystem::status(folder() + "/direct.xml").permissions(), std::filesystem::perms(0600));
}

TEST_F(Firewalld, ReplacesOursAndLeavesWhatOthersWrote) {
  const std::string others =
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<direct>\n"
      "  <rule ipv=\"ipv4\" table=\"filter\" chain=\"INPUT\" priority=\"0\">-p tcp --dport 99 -j "
      "ACCEPT</rule>\n"
      "  <passthrough ipv=\"ipv4\">-A INPUT -p tcp --dport 98 -j ACCEPT</passthrough>\n</direct>\n";
  write("direct.xml", others);
  ASSERT_TRUE(store_in_firewalld(folder(), rules(Family::Ipv4), "").has_value());
  const std::string once = read();
  ASSERT_TRUE(store_in_firewalld(folder(), rules(Family::Ipv4), "").has_value());
  EXPECT_EQ(read(), once);
  ASSERT_TRUE(store_in_firewalld(folder(), rules(Family::Ipv4, 16053), "").has_value());
  EXPECT_THAT(read(), AllOf(HasSubstr("--dport 99"), HasSubstr("16053"), Not(HasSubstr("15053"))));
  ASSERT_TRUE(remove_from_firewalld(folder()).has_value());
  EXPECT_EQ(read(), others);
}

TEST_F(Firewalld, LeavesNoFileThatHeldNothingElse) {
  ASSERT_TRUE(store_in_firewalld(folder(), rules(Family::Ipv4), "").has_value());
  ASSERT_TRUE(remove_from_firewalld(folder()).has_value());
  EXPECT_FALSE(std::filesystem::exists(folder() + "/direct.xml"));
  EXPECT_TRUE(remove_from_firewalld(folder()).has_value());
}

TEST_F(Firewalld, RefusesAFileThatIsBrokenAndLeavesIt) {
  write("direct.xml", "<direct><rule></direct>");
  EXPECT_THAT(store_in_firewalld(folder(), rules(Family::Ipv4), "").error().what,
              HasSubstr("direct.xml:1: "));
  EXPECT_FALSE(remove_from_firewalld(folder()).has_value());
  EXPECT_EQ(read(), "<direct><rule></direct>");
  EXPECT_THAT(store_in_firewalld(folder() + "/none", "", "").error().what,
              HasSubstr("firewalld is not installed"));
}

TEST_F(Firewalld, WarnsOfItsTrapForIpv6) {
  EXPECT_THAT(firewalld_ipv6_trap(folder()).value(), HasSubstr("set RFC3964_IPv4=no in " + folder()));
  write("firewalld.conf", "RFC3964_IPv4=yes\n");
  EXPECT_TRUE(firewalld_ipv6_trap(folder()).has_value());
  write("firewalld.conf", "# RFC3964_IPv4=yes\nRFC3964_IPv4=no\n");
  EXPECT_FALSE(firewalld_ipv6_trap(folder()).has_value());
}

}  // namespace
}  // namespace meshdns::redirect
