#include "tests/netns/unit_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>

namespace meshdns::testing {
namespace {

std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

constexpr std::array<std::pair<const char*, int>, 4> kCapabilities = {
    {{"CAP_NET_ADMIN", CAP_NET_ADMIN},
     {"CAP_NET_RAW", CAP_NET_RAW},
     {"CAP_SYS_MODULE", CAP_SYS_MODULE},
     {"CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH}}};

// A root without them when the program starts.
bool drop_all_but(const std::vector<std::string>& kept) {
  std::vector<int> numbers;
  for (const std::string& name : kept) {
    const auto* const found =
        std::ranges::find(kCapabilities, name, [](const auto& one) { return std::string(one.first); });
    if (found == kCapabilities.end()) {
      return false;
    }
    numbers.push_back(found->second);
  }
  for (int number = 0; number <= CAP_LAST_CAP; ++number) {
    if (std::ranges::find(numbers, number) == numbers.end() && prctl(PR_CAPBSET_READ, number) == 1 &&
        prctl(PR_CAPBSET_DROP, number) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

UnitFile::UnitFile(const std::string& path, std::string stage, std::string run_folder)
    : text_(contents(path)), stage_(std::move(stage)), run_folder_(std::move(run_folder)) {
  if (text_.empty()) {
    throw std::runtime_error("no unit at " + path);
  }
}

std::vector<std::string> UnitFile::all(const std::string& key) const {
  std::istringstream lines(text_);
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(key + "=")) {
      found.push_back(line.substr(key.size() + 1));
    }
  }
  return found;
}

std::string UnitFile::one(const std::string& key) const {
  const std::vector<std::string> found = all(key);
  return found.size() == 1 ? found[0] : "";
}

std::string UnitFile::copy_for_stage(const std::string& folder) const {
  std::string copy = text_;
  for (const char* key : {"ExecStart=", "ExecStop="}) {
    const std::size_t at = copy.find(key);
    if (at != std::string::npos) {
      copy.insert(at + std::string(key).size(), stage_);
    }
  }
  std::string path = folder + "/meshdns-redirect.service";
  std::ofstream(path) << copy;
  return path;
}

Finished UnitFile::run(const std::string& key, const std::string& environment_file) const {
  std::map<std::string, std::string> variables;
  std::istringstream lines(contents(environment_file));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t equals = line.find('=');
    variables["$" + line.substr(0, equals)] = line.substr(equals + 1);
  }
  std::vector<std::string> argv;
  for (const std::string& word : words_of(one(key))) {
    // `$FLAGS` becomes as many words as its value has.
    const std::vector<std::string> values =
        word.starts_with('$') ? words_of(variables[word]) : std::vector<std::string>{word};
    argv.insert(argv.end(), values.begin(), values.end());
  }
  argv.at(0) = stage_ + argv.at(0);
  return run_program(argv, [this] {
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount(run_folder_.c_str(), "/run", nullptr, MS_BIND, nullptr) == 0 &&
           drop_all_but(words_of(one("CapabilityBoundingSet")));
  });
}

}  // namespace meshdns::testing
