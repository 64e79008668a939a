// Dataplane documents that are Mustache templates, as `kuma-dp run --dataplane-file` takes them.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "zones/text/yaml_file.hpp"

namespace meshdns::kuma {

// `text` with the Dataplanes among its documents filled in; the documents of other kinds, whose templates are
// Go's, stay as they are. Values without line breaks leave every line where it was. Throws text::YamlFault.
std::string fill_dataplane_templates(std::string_view text,
                                     const std::map<std::string, std::string>& variables);

}  // namespace meshdns::kuma
