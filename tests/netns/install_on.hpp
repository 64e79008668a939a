// InstallOn: installing and uninstalling through one backend, beside rules of others.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/netns/backends.hpp"
#include "tests/netns/redirect_fixture.hpp"

namespace meshdns::testing {

class InstallOn : public RedirectFixture, public ::testing::WithParamInterface<Backend> {
 protected:
  void SetUp() override;

  static std::vector<std::string> install_words(const std::vector<std::string>& more = {});
  void install_all(const std::vector<std::string>& more = {}) const;
  Finished uninstall(const std::vector<std::string>& more = {}) const;

  // The program with these words, and this test's own state.
  std::vector<std::string> command(std::vector<std::string> words) const;

  static std::string rules() { return GetParam().rules(); }

  // Rules of others, before ("I") or after ("A") which ours stand.
  static void add_rule_of_others(const std::string& place, const std::string& port);

  // Programs for --iptables-executables, of which `family`-restore is another one.
  static std::vector<std::string> with_restore(const std::string& family, const std::string& path);

  // Writes a shell script that stands for `family`-restore. `script` sees the commands in $input, and ends if
  // it does not want the real program to run them.
  std::string fake_restore(const std::string& family, const std::string& script) const;
};

}  // namespace meshdns::testing
