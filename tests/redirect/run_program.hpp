// run_program(): a program run to its end, with what it printed.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace meshdns::testing {

struct Finished {
  int exit_code = -1;  // 128 + signal when it was killed
  std::string out;
  std::string err;
};

inline void PrintTo(const Finished& run, std::ostream* out) {
  *out << "exit code " << run.exit_code << ", out \"" << run.out << "\", err \"" << run.err << '"';
}

// `before_exec` runs in the new process; false ends it with exit code 126. The program dies with its parent.
Finished run_program(const std::vector<std::string>& arguments,
                     const std::function<bool()>& before_exec = nullptr);

}  // namespace meshdns::testing
