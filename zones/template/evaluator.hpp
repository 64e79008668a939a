// Evaluator: runs a Program once.
#pragma once

#include <expected>
#include <forward_list>
#include <optional>
#include <string>
#include <vector>

#include "zones/template/go_template.hpp"
#include "zones/template/program.hpp"

namespace meshdns::templates {

class Evaluator {
 public:
  Evaluator(const Program& program, const TemplateData& data) : program_(program), data_(data) {}

  std::expected<std::string, std::string> run();

 private:
  using Result = std::expected<Value, std::string>;

  Result evaluate(std::uint32_t expression);
  Result call(const Expression& call);
  Result decide(const Expression& call);  // and, or
  Result apply(const Expression& call, std::span<const Value> arguments);
  Result index_data(const Expression& data, std::span<const Value> arguments);
  std::optional<std::string_view> look_up(const Expression& where, std::string_view name) const;
  Result label(const Value& name);
  Result keep(std::string text);
  std::uint32_t argument(const Expression& call, std::uint32_t number) const;

  const Program& program_;
  const TemplateData& data_;
  std::vector<Value> stack_;             // arguments of the calls under way
  std::forward_list<std::string> made_;  // texts that values point to
  std::size_t made_size_ = 0;
};

}  // namespace meshdns::templates
