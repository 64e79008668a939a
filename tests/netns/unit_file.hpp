// UnitFile: what systemd would run of an installed unit, and as what.
#pragma once

#include <string>
#include <vector>

#include "tests/redirect/run_program.hpp"

namespace meshdns::testing {

class UnitFile {
 public:
  // `stage`: where the package was installed (DESTDIR). `run_folder` stands for /run.
  UnitFile(const std::string& path, std::string stage, std::string run_folder);

  // All values of a key, in order.
  std::vector<std::string> all(const std::string& key) const;
  std::string one(const std::string& key) const;

  // A copy in `folder` that names the programs where they are. Returns its path.
  std::string copy_for_stage(const std::string& folder) const;

  // Runs the command of `key` (`ExecStart`, `ExecStop`) with the variables of `environment_file` and no more
  // capabilities than the unit has.
  Finished run(const std::string& key, const std::string& environment_file) const;

 private:
  std::string text_;
  std::string stage_;
  std::string run_folder_;
};

}  // namespace meshdns::testing
