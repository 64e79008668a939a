#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "redirect/options/option_table.hpp"
#include "redirect/options/sources.hpp"

namespace meshdns::redirect {
namespace {

struct Fault {
  YAML::Mark at;
  std::string what;
};

// What a document says about one option.
struct Said {
  std::vector<std::string> values;
  YAML::Mark at;
};

class Reader {
 public:
  // Throws Fault.
  void read(const YAML::Node& node, const std::string& path) {
    if (!node.IsMap()) {
      throw Fault{node.Mark(), fmt::format("{} is not an object", path.empty() ? "the document" : path)};
    }
    for (const auto& member : node) {
      const std::string key = member.first.as<std::string>();
      const std::string place = path.empty() ? key : fmt::format("{}.{}", path, key);
      if (const OptionRow* row = row_of(place)) {
        said_[row] = {values(member.second, place), member.first.Mark()};
      } else if (is_object(place)) {
        if (!member.second.IsNull()) {
          read(member.second, place);
        }
      } else {
        throw Fault{member.first.Mark(), fmt::format("unknown key '{}'", place)};
      }
    }
  }

  // In the order of the table, whatever the order of the document. Throws Fault.
  void apply(Options& options) const {
    for (const OptionRow& row : option_table()) {
      const auto found = said_.find(&row);
      if (found == said_.end()) {
        continue;
      }
      if (const auto done = row.set(options, found->second.values); !done) {
        throw Fault{found->second.at, fmt::format("{}: {}", row.path, done.error())};
      }
    }
  }

 private:
  static const OptionRow* row_of(std::string_view path) {
    const auto rows = option_table();
    const auto found = std::ranges::find(rows, path, &OptionRow::path);
    return found == rows.end() ? nullptr : &*found;
  }

  static bool is_object(const std::string& path) {
    return std::ranges::any_of(option_table(),
                               [&](const OptionRow& row) { return row.path.starts_with(path + '.'); });
  }

  static std::vector<std::string> values(const YAML::Node& node, std::string_view path) {
    if (node.IsNull()) {
      return {};
    }
    if (node.IsScalar()) {
      return {node.Scalar()};
    }
    std::vector<std::string> found;
    if (node.IsSequence()) {
      for (const auto& item : node) {
        if (!item.IsScalar()) {
          throw Fault{item.Mark(), fmt::format("{} holds something else than values", path)};
        }
        found.push_back(item.Scalar());
      }
      return found;
    }
    throw Fault{node.Mark(), fmt::format("{} is an object, expected a value or a list", path)};
  }

  std::map<const OptionRow*, Said> said_;
};

}  // namespace

Result<void> apply_document(Options& options, const std::string& text, const std::string& name) {
  const auto refuse = [&](const YAML::Mark& at, std::string_view what) {
    return fail(Errc::InvalidConfig,
                at.is_null() ? fmt::format("{}: {}", name, what)
                             : fmt::format("{}:{}:{}: {}", name, at.line + 1, at.column + 1, what));
  };
  try {
    for (const YAML::Node& document : YAML::LoadAll(text)) {
      if (!document.IsNull()) {
        Reader reader;
        reader.read(document, "");
        reader.apply(options);
      }
    }
  } catch (const Fault& fault) {
    return refuse(fault.at, fault.what);
  } catch (const YAML::Exception& error) {
    return refuse(error.mark, error.msg);
  }
  return {};
}

}  // namespace meshdns::redirect
