// Tags and selectors with the rules of Kuma's validators (pkg/core/resources/apis/mesh/validators.go).
#pragma once

#include <string_view>
#include <vector>

#include "zones/kuma/field.hpp"
#include "zones/kuma/resources.hpp"

namespace meshdns::kuma {

// Letters, digits and `.-_:/`, at least one.
bool is_tag_name(std::string_view text);

// Tags of something that has them: values are not empty.
Tags read_tags(const Field& field);

// The same; `kuma.io/service` must be among them.
Tags read_service_tags(const Field& field);

// `selectors[].match`: at least one, each with at least one tag, whose value may be `*`.
std::vector<Tags> read_selectors(const Field& field);

}  // namespace meshdns::kuma
