#include "zones/template/mustache.hpp"

#include <algorithm>
#include <exception>

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

#include "zones/template/mustache_blocks.hpp"
#include "zones/template/quote.hpp"
#include "zones/template/utf8.hpp"

namespace meshdns::templates {
namespace {

namespace library = kainjow::mustache;

constexpr std::size_t kMaxNesting = 16;               // of `a.b.c`
constexpr std::size_t kMaxFilled = 64 * 1024 * 1024;  // octets that variables may add

// As Go's text/template.HTMLEscape writes them, which the control plane uses.
std::string escape_html(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '"':
        escaped += "&#34;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '\0':
        append_rune(escaped, kReplacement);
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// The variables below one prefix: texts and, by the part of the name up to the next dot, objects.
struct Object {
  std::map<std::string, std::string> texts;
  std::map<std::string, Object> objects;

  library::data data() const {
    library::object members;
    for (const auto& [name, text] : texts) {
      members.emplace(name, text);
    }
    for (const auto& [name, object] : objects) {
      members.emplace(name, object.data());
    }
    return members;
  }
};

void insert(Object& root, const std::string& name, const std::string& text) {
  Object* object = &root;
  std::string_view rest = name;
  std::size_t depth = 0;
  for (std::size_t dot = rest.find('.'); dot != rest.npos; dot = rest.find('.')) {
    if (++depth > kMaxNesting) {
      throw TemplateFault{
          0, fmt::format("variable {} has too many dots, expected at most {}", excerpt(name), kMaxNesting)};
    }
    object = &object->objects[std::string(rest.substr(0, dot))];
    rest.remove_prefix(dot + 1);
  }
  object->texts.emplace(rest, text);
}

library::data read_variables(const std::map<std::string, std::string>& variables) {
  Object root;
  for (const auto& [name, text] : variables) {
    insert(root, name, text);
  }
  for (const auto& [name, text] : variables) {
    if (variables.lower_bound(name + '.') != variables.lower_bound(name + '/')) {
      throw TemplateFault{0,
                          fmt::format("variable {} is a text, but others are members of it", excerpt(name))};
    }
  }
  return root.data();
}

void check_size(const std::vector<MustacheBlock>& blocks,
                const std::map<std::string, std::string>& variables) {
  std::size_t longest = 0;
  for (const auto& [name, text] : variables) {
    longest = std::max(longest, escape_html(text).size());
  }
  std::size_t tags = 0;
  for (const MustacheBlock& block : blocks) {
    tags += block.variables;
    if (longest != 0 && tags > kMaxFilled / longest) {
      throw TemplateFault{block.begin, fmt::format("the variables may add more than {} octets", kMaxFilled)};
    }
  }
}

std::string render_block(const MustacheBlock& block, std::string_view text, const library::data& data) {
  library::mustache mustache{std::string(text.substr(block.begin, block.end - block.begin))};
  mustache.set_custom_escape(escape_html);
  std::string rendered = mustache.render(data);
  if (!mustache.is_valid()) {
    throw TemplateFault{block.begin, mustache.error_message()};
  }
  return rendered;
}

}  // namespace

std::expected<std::string, TemplateFault> render_mustache(
    std::string_view text, const std::map<std::string, std::string>& variables) {
  std::size_t done = 0;
  try {
    const auto blocks = mustache_blocks(text);
    check_size(blocks, variables);
    const library::data data = read_variables(variables);
    std::string out;
    for (const MustacheBlock& block : blocks) {
      out += text.substr(done, block.begin - done);
      out += render_block(block, text, data);
      done = block.end;
    }
    return out += text.substr(done);
  } catch (TemplateFault& fault) {
    return std::unexpected(std::move(fault));
  } catch (const std::exception& fault) {
    return std::unexpected(TemplateFault{done, fmt::format("cannot be rendered: {}", fault.what())});
  }
}

}  // namespace meshdns::templates
